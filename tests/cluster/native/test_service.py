"""Bringing services up, with small processes in place of the real ones."""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.errors import NotReady, PortBusy
from cluster.native.process import Processes, birth
from cluster.native.service import bring_up
from tests.support.small_processes import SLEEP, service, wait_for


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


def test_the_log_of_the_run_before_is_kept(tmp_path: Path, processes: Processes, port: int) -> None:
    for word in ("first", "second"):
        with pytest.raises(NotReady):
            bring_up(processes, service(tmp_path, port, [sys.executable, "-c", f"print('{word}')"], lambda: False))
    assert "second" in processes.log("web").read_text()
    assert "first" in (tmp_path / "logs" / "web.log.1").read_text()


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
