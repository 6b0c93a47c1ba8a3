"""Addresses: the ports that the services need, who holds them, and proxies that stand in between."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
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


def ports(place: Place) -> Line:
    """Whether each port that a service needs is free, or held by that service."""
    settings = place.settings
    wanted = _published(settings) if place.runtime == "docker" else _wanted(settings)
    busy = [(name, host, port) for (name, host), port in wanted.items() if is_busy(host, port)]
    if not busy:
        return Line(Mark.OK, "ports", f"{', '.join(str(port) for port in wanted.values())} are free or ours")
    said = [f"{port} ({name}) is held by {holder(port) or 'a program of somebody else'}" for name, _, port in busy]
    name, host, port = busy[0]
    free = next((other for other in range(port + 1, 65536) if not is_busy(host, other)), port)
    return Line(Mark.WRONG, "ports", f"{'; '.join(said)}: end it, or take another", f'echo "{name}={free}" >> .env')


def _wanted(settings: Settings) -> dict[tuple[str, str], int]:
    """Of native processes: the variable that sets a port, and its host; those that run already left out."""
    processes, given = Processes(settings.run_dir), settings.ports
    needs = {("WEB_PORT", HERE): ("web", given.web)}
    if settings.starts_cassandra:
        for number, host in enumerate(node_addresses(settings.nodes), start=1):
            name = f"cassandra-{number}"
            needs[("CASSANDRA_PORT", host)] = (name, given.cql)
            needs[("CASSANDRA_STORAGE_PORT", host)] = (name, given.storage)
            needs[("CASSANDRA_JMX_PORT", HERE if number == 1 else host)] = (name, given.jmx + number - 1)
    if settings.starts_spark:
        needs[("SPARK_MASTER_PORT", HERE)] = ("spark-master", given.master)
        needs[("SPARK_MASTER_UI_PORT", HERE)] = ("spark-master", given.master_ui)
        needs[("SPARK_WORKER_UI_PORT", HERE)] = ("spark-worker-1", given.worker_ui)
    return {key: port for key, (service, port) in needs.items() if not processes.pid(service)}


def _published(settings: Settings) -> dict[tuple[str, str], int]:
    """Of containers: the ports that they publish on this machine, without those that are published already."""
    held = {state.address.rpartition(":")[2] for state in Docker(settings).status()}
    needs = {("WEB_PORT", HERE): settings.ports.web, ("SPARK_MASTER_UI_PORT", HERE): settings.ports.master_ui}
    return {key: port for key, port in needs.items() if str(port) not in held}


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
