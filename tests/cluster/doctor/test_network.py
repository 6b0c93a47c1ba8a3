"""Ports that are held by others, and proxies that stand before this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.doctor import network
from cluster.doctor.line import Mark
from cluster.native.process import Processes
from cluster.runtime import RUNNING, State
from tests.support.doctor_place import free_ports, place, program
from tests.support.played_docker import ENGINE


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket of this process that listens on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


def port_of(listening: socket.socket) -> int:
    return listening.getsockname()[1]


def test_free_ports_are_in_order(tmp_path: Path) -> None:
    line = network.ports(place(tmp_path))
    assert line.mark is Mark.OK
    assert all(port in line.sentence for port in free_ports().values())


@pytest.mark.parametrize("name", list(free_ports()))
def test_a_port_that_another_program_holds_is_wrong_and_the_program_named(
    tmp_path: Path, listener: socket.socket, name: str
) -> None:
    line = network.ports(place(tmp_path, **{name: str(port_of(listener))}))
    assert line.mark is Mark.WRONG
    assert f"{port_of(listener)} ({name}) is held by" in line.sentence
    assert f"(pid {os.getpid()})" in line.sentence
    assert line.command.startswith(f'echo "{name}=')


def test_a_port_that_our_service_holds_is_in_order(tmp_path: Path, listener: socket.socket) -> None:
    ours = place(tmp_path, WEB_PORT=str(port_of(listener)))
    Processes(ours.settings.run_dir)._remember("web", os.getpid(), {})
    assert network.ports(ours).mark is Mark.OK
    Processes(ours.settings.run_dir)._pid_file("web").rename(ours.settings.run_dir / "pids/spark-master.json")
    assert network.ports(ours).mark is Mark.WRONG


@pytest.mark.parametrize(
    ("host", "name", "after", "count"),
    [("127.0.0.1", "SPARK_WORKER_UI_PORT", 2, "WORKERS"), ("127.0.0.3", "CASSANDRA_PORT", 0, "NODES")],
)
def test_ports_of_every_worker_and_node_are_looked_at(
    tmp_path: Path, host: str, name: str, after: int, count: str
) -> None:
    with socket.socket() as third:
        third.bind((host, int(free_ports()[name]) + after))
        third.listen()
        assert network.ports(place(tmp_path, **{count: "2"})).mark is Mark.OK
        assert network.ports(place(tmp_path, **{count: "3"})).mark is Mark.WRONG


@pytest.mark.parametrize("name", ["WEB_PORT", "SPARK_MASTER_UI_PORT", "CASSANDRA_PORT"])
@pytest.mark.parametrize("published", [True, False])
def test_of_containers_the_published_ports_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket, name: str, published: bool
) -> None:
    port = port_of(listener)
    rows = [State("web", "1", f"127.0.0.1:1, 127.0.0.1:{port}", RUNNING)] if published else []
    monkeypatch.setattr(network.Docker, "status", lambda self: rows)
    program(tmp_path / "java/bin/docker", ENGINE)
    program(tmp_path / "java/bin/docker-compose", "")
    line = network.ports(place(tmp_path, **{name: str(port)}))
    assert line.mark is (Mark.OK if published or name == "CASSANDRA_PORT" else Mark.WRONG)


def test_ports_of_a_cluster_elsewhere_are_not_needed_here(tmp_path: Path, listener: socket.socket) -> None:
    port = str(port_of(listener))
    elsewhere = place(tmp_path, CASSANDRA_HOSTS="db.example", CASSANDRA_PORT=port)
    assert network.ports(elsewhere).mark is Mark.OK
    assert network.ports(place(tmp_path, SPARK_MASTER_URL="spark://there:7077", SPARK_MASTER_PORT=port)).mark is Mark.OK


def test_a_holder_that_is_not_to_be_seen_is_nobody(tmp_path: Path, listener: socket.socket) -> None:
    assert network.holder(port_of(listener), tmp_path) is None
    assert network.holder(1) is None


def test_without_a_proxy_there_is_nothing_to_exclude(tmp_path: Path) -> None:
    assert network.proxy(place(tmp_path, no_proxy="x", http_proxy="")).mark is Mark.OK


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    ("excluded", "mark"),
    [
        (None, Mark.LOOK),
        ("example.org", Mark.LOOK),
        ("localhost", Mark.LOOK),  # the services are asked for by their address
        ("127.0.0.1", Mark.OK),
        ("example.org, 127.0.0.1,localhost", Mark.OK),
        ("*", Mark.OK),
        ("127.0.0.0/8", Mark.OK),
    ],
)
def test_a_proxy_must_not_be_asked_for_this_machine(
    tmp_path: Path, listener: socket.socket, name: str, excluded: str | None, mark: Mark
) -> None:
    environ = {name: f"http://127.0.0.1:{port_of(listener)}", **({"NO_PROXY": excluded} if excluded else {})}
    line = network.proxy(place(tmp_path, **environ))
    assert (line.mark, name.lower() in line.sentence) == (mark, True)
    assert line.command == ("" if mark is Mark.OK else "export no_proxy=127.0.0.1,localhost")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "127.0.0.1:1", "http://", "http://host:port", "http://[::1"])
def test_a_proxy_that_does_not_answer_is_wrong(tmp_path: Path, address: str) -> None:
    line = network.proxy(place(tmp_path, https_proxy=address, no_proxy="127.0.0.1"))
    assert (line.mark, line.command) == (Mark.WRONG, "unset https_proxy")


def test_the_password_of_a_proxy_is_not_shown(tmp_path: Path) -> None:
    line = network.proxy(place(tmp_path, http_proxy="http://me:se@cret@127.0.0.1:1"))
    assert "cret" not in line.sentence
    assert "127.0.0.1:1" in line.sentence
