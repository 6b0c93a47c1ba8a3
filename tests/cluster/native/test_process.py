"""Starting, knowing again and stopping processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.native.process import Processes, birth
from tests.support.small_processes import SLEEP, wait_for

DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


def test_a_recycled_pid_is_not_taken_for_ours_and_not_killed(processes: Processes) -> None:
    stranger = subprocess.Popen(SLEEP)
    try:
        file = processes.run_dir / "pids" / "web.json"
        file.parent.mkdir()
        file.write_text(json.dumps({"pid": stranger.pid, "birth": "earlier", "host": "127.0.0.1", "port": 1}))
        assert processes.pid("web") is None
        assert processes.stop(["web"], seconds=1) == []
        assert stranger.poll() is None
        assert processes.names() == []
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_that_was_dead_before_it_was_noted_is_dead(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.native.process.birth", lambda _: None)
    processes.start("web", [sys.executable, "-c", ""], os.environ, tmp_path, ("127.0.0.1", 1))
    assert processes.pid("web") is None


def test_a_process_that_does_not_end_is_killed_and_named(tmp_path: Path, processes: Processes) -> None:
    pid = processes.start("web", DEAF, os.environ, tmp_path, ("127.0.0.1", 1))
    wait_for(lambda: "deaf" in processes.log("web").read_text())
    assert processes.stop(["web"], seconds=0.3) == ["web"]
    assert birth(pid) is None


def test_a_service_is_in_a_session_of_its_own_and_does_not_hold_our_output(
    tmp_path: Path, processes: Processes
) -> None:
    pid = processes.start("web", SLEEP, os.environ, tmp_path, ("127.0.0.1", 1))
    assert os.getsid(pid) == pid
    assert Path(f"/proc/{pid}/fd/1").readlink() == processes.log("web")
