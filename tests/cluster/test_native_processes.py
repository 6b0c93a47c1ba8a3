"""Starting, knowing again and stopping processes, with small ones in place of the services."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.errors import ClusterError, NotReady, PortBusy
from cluster.native.lifecycle import _is_changed as is_changed
from cluster.native.lifecycle import clean, down, status
from cluster.native.process import Processes, birth
from cluster.native.service import Service, bring_up
from cluster.settings import Settings

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    found = Processes(tmp_path)
    yield found
    found.stop(found.names(), seconds=0)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def service(tmp_path: Path, port: int, command: list[str], ready: Callable[[], bool] = lambda: True) -> Service:
    return Service("web", "web", command, dict(os.environ), tmp_path, "127.0.0.1", {"WEB_PORT": port}, ready, 20)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def test_a_busy_port_is_named_with_the_variable_that_moves_it(tmp_path: Path, processes: Processes, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortBusy, match=f"Port {port} .*WEB_PORT"):
        bring_up(processes, service(tmp_path, port, SLEEP))
    assert processes.names() == []


def test_a_running_service_is_left_alone_and_a_dead_one_is_started_again(
    tmp_path: Path, processes: Processes, port: int
) -> None:
    bring_up(processes, service(tmp_path, port, SLEEP))
    first = processes.pid("web")
    bring_up(processes, service(tmp_path, port, SLEEP))
    assert processes.pid("web") == first
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: processes.pid("web") is None)
    bring_up(processes, service(tmp_path, port, SLEEP))
    assert processes.pid("web") not in (None, first)


def test_a_service_that_dies_shows_the_end_of_its_log_and_where_it_is(
    tmp_path: Path, processes: Processes, port: int
) -> None:
    command = [sys.executable, "-c", "print(*range(40), sep='\\n', flush=True); raise SystemExit('no heap left')"]
    with pytest.raises(NotReady) as caught:
        bring_up(processes, service(tmp_path, port, command, ready=lambda: False))
    assert "web ended while it was starting" in str(caught.value)
    assert "no heap left" in str(caught.value)
    assert str(processes.log("web")) in str(caught.value)
    assert "    5\n" not in str(caught.value)


def test_a_service_that_never_answers_is_given_up(tmp_path: Path, processes: Processes, port: int) -> None:
    silent = replace(service(tmp_path, port, SLEEP, ready=lambda: False), seconds=0.5)
    with pytest.raises(NotReady, match="did not answer within"):
        bring_up(processes, silent)


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


def test_the_log_of_the_run_before_is_kept(tmp_path: Path, processes: Processes, port: int) -> None:
    for word in ("first", "second"):
        with pytest.raises(NotReady):
            bring_up(processes, service(tmp_path, port, [sys.executable, "-c", f"print('{word}')"], lambda: False))
    assert "second" in processes.log("web").read_text()
    assert "first" in (tmp_path / "logs" / "web.log.1").read_text()


def test_status_down_and_clean_know_what_runs(tmp_path: Path) -> None:
    settings = Settings.from_env({"HOME": str(tmp_path), "RUN_DIR": str(tmp_path / "run")}, tmp_path)
    processes = Processes(settings.run_dir)
    processes.start("web", SLEEP, os.environ, tmp_path, ("127.0.0.1", 1))
    assert [(row.service, row.state) for row in status(settings)] == [("web", "not answering")]
    with pytest.raises(ClusterError, match="web run"):
        clean(settings, data=False)
    down(settings)
    assert status(settings) == []
    clean(settings, data=False)
    assert not settings.run_dir.exists()


def test_a_site_is_started_again_when_what_it_reads_has_changed(
    tmp_path: Path, processes: Processes, port: int
) -> None:
    site = replace(service(tmp_path, port, SLEEP), reads=("API_KEY",), environ={"API_KEY": "old", "OTHER": "1"})
    bring_up(processes, site)
    assert not is_changed(processes, replace(site, environ={"API_KEY": "old", "OTHER": "2"}))
    assert is_changed(processes, replace(site, environ={"API_KEY": "new", "OTHER": "1"}))
    assert "old" not in json.loads((tmp_path / "pids" / "web.json").read_text()).values()


def test_a_service_that_is_just_dying_is_started_again(tmp_path: Path, processes: Processes, port: int) -> None:
    first = processes.start("web", SLEEP, os.environ, tmp_path, ("127.0.0.1", port))

    def ready() -> bool:
        _kill(first)
        return processes.pid("web") not in (None, first)

    bring_up(processes, service(tmp_path, port, SLEEP, ready))
    assert processes.pid("web") not in (None, first)


def _kill(pid: int) -> None:
    if birth(pid):
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: birth(pid) is None)
