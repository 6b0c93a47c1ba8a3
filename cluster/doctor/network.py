"""Addresses: the ports that the services need, who holds them, and proxies that stand in between."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cluster.docker.runtime import Docker
from cluster.doctor.line import Line, Mark, Place
from cluster.native.process import Processes
from cluster.native.service import is_busy
from cluster.settings import Settings, node_addresses

HERE = "127.0.0.1"
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
PROXY_SECONDS = 2.0
LISTENS = "0A"  # in /proc/net/tcp


class Need(NamedTuple):
    """A port that a service listens on, and the variable that moves it."""

    service: str
    variable: str
    host: str
    port: int


def ports(place: Place) -> Line:
    """Whether each port that a service needs is free, or held by that service."""
    wanted = _published(place.settings) if place.runtime == "docker" else _not_running(place.settings)
    busy = [need for need in wanted if is_busy(need.host, need.port)]
    if not busy:
        free = ", ".join(str(port) for port in sorted({need.port for need in wanted})) or "those of services that run"
        return Line(Mark.OK, "ports", f"{free}: free, or ours")
    said = [f"{need.port} ({need.variable}) is held by {holder(need.port) or 'somebody else'}" for need in busy]
    first = busy[0]
    free_port = next((port for port in range(first.port + 1, 65536) if not is_busy(first.host, port)), first.port)
    command = f'echo "{first.variable}={free_port}" >> .env'
    return Line(Mark.WRONG, "ports", f"{'; '.join(said)}: end it, or take another", command)


def _not_running(settings: Settings) -> list[Need]:
    """What native processes need; the ports of those that run are theirs."""
    processes = Processes(settings.run_dir)
    return [need for need in _wanted(settings) if not processes.pid(need.service)]


def _wanted(settings: Settings) -> Iterator[Need]:
    given = settings.ports
    yield Need("web", "WEB_PORT", HERE, given.web)
    if settings.starts_cassandra:
        for number, host in enumerate(node_addresses(settings.nodes), start=1):
            name = f"cassandra-{number}"
            yield Need(name, "CASSANDRA_PORT", host, given.cql)
            yield Need(name, "CASSANDRA_STORAGE_PORT", host, given.storage)
            yield Need(name, "CASSANDRA_JMX_PORT", host, given.jmx + number - 1)
    if settings.starts_spark:
        yield Need("spark-master", "SPARK_MASTER_PORT", HERE, given.master)
        yield Need("spark-master", "SPARK_MASTER_UI_PORT", HERE, given.master_ui)
        for number in range(settings.workers):
            yield Need(f"spark-worker-{number + 1}", "SPARK_WORKER_UI_PORT", HERE, given.worker_ui + number)


def _published(settings: Settings) -> list[Need]:
    """The ports that containers publish on this machine, without those that are published already."""
    held = {address.rpartition(":")[2] for state in Docker(settings).status() for address in state.address.split(", ")}
    needs = [
        Need("web", "WEB_PORT", HERE, settings.ports.web),
        Need("spark-master", "SPARK_MASTER_UI_PORT", HERE, settings.ports.master_ui),
    ]
    return [need for need in needs if str(need.port) not in held]


def holder(port: int, proc: Path = Path("/proc")) -> str | None:
    """The program that listens on a port and its pid; None where that is not to be seen, as of other users."""
    sockets = _listening(port, proc)
    for folder in proc.glob("[0-9]*"):
        with suppress(OSError):  # it ended, or belongs to somebody else
            if any(_leads_to(link) in sockets for link in (folder / "fd").iterdir()):
                return f"{(folder / 'comm').read_text(errors='replace').strip()} (pid {folder.name})"
    return None


def _leads_to(descriptor: Path) -> str | None:
    try:
        return str(descriptor.readlink())
    except OSError:  # closed meanwhile
        return None


def _listening(port: int, proc: Path) -> set[str]:
    """What a process' file descriptors that listen on the port lead to."""
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found


def proxy(place: Place) -> Line:
    """Whether a proxy answers, and is not asked for what is on this machine."""
    environ = {name.lower(): value for name, value in place.environ.items() if value}
    environ |= {name: value for name, value in place.environ.items() if value and name.islower()}  # these win
    given = {name: environ[name] for name in PROXIES if name in environ}
    if not given:
        return Line(Mark.OK, "proxy", "none is set")
    shown = ", ".join(f"{name}={_without_password(value)}" for name, value in given.items())
    for name, value in given.items():
        if problem := _proxy_problem(value):
            return Line(Mark.WRONG, "proxy", f"{shown}: {problem}, so nothing can be downloaded", f"unset {name}")
    if not _is_excluded(environ):
        sentence = f"{shown} is asked for 127.0.0.1, too, where the services are"
        return Line(Mark.LOOK, "proxy", sentence, "export no_proxy=127.0.0.1,localhost")
    return Line(Mark.OK, "proxy", f"{shown}, not for 127.0.0.1")


def _without_password(address: str) -> str:
    return re.sub(r"//.*@", "//…@", address)


def _proxy_problem(address: str) -> str | None:
    try:
        parts = urlsplit(address if "//" in address else f"http://{address}")
        host, port = parts.hostname, parts.port or 80
        if not host:
            return "that is no address"
        socket.create_connection((host, port), timeout=PROXY_SECONDS).close()
    except (OSError, ValueError) as error:
        return f"it does not answer ({error})"
    return None


def _is_excluded(environ: Mapping[str, str]) -> bool:
    """Whether no_proxy has this machine."""
    names = [name.strip() for name in environ.get("no_proxy", "").split(",")]
    return bool({HERE, "*"} & set(names)) or any(name.startswith("127.0.0.0/") for name in names)
