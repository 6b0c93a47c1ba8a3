"""A service as a local process, and how it is brought up."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import NotReady, PortBusy
from cluster.native.process import Processes
from cluster.probes import last_lines


@dataclass(frozen=True)
class Service:
    """A process of the cluster: how to start it, where it listens, and how to see that it does its work."""

    name: str
    group: str  # cassandra, spark or web
    command: Sequence[object]
    environ: Mapping[str, str]
    folder: Path
    host: str
    ports: Mapping[str, int]  # the variable that changes a port: the port; the first is the one to show
    ready: Callable[[], bool]
    seconds: float  # how long it may take until it is ready
    reads: Sequence[str] = ()  # variables that it reads when it starts, and of which its command says nothing

    @property
    def port(self) -> int:
        """The port that it is known by."""
        return next(iter(self.ports.values()))

    @property
    def choices(self) -> str:
        """A hash of the variables that it reads, as passwords are among them."""
        return hashlib.sha256(repr([self.environ.get(name) for name in self.reads]).encode()).hexdigest()[:16]


def bring_up(processes: Processes, service: Service) -> None:
    """Start a service unless it runs, and return when it is ready.

    Raises:
        PortBusy: somebody else listens on a port that it needs.
        NotReady: it died or was not ready in time.
    """
    if processes.pid(service.name) and becomes_ready(processes, service):
        return
    for variable, port in service.ports.items():
        refuse_busy_port(service, variable, port)
    address = (service.host, service.port)
    processes.start(service.name, service.command, service.environ, service.folder, address, service.choices)
    if not becomes_ready(processes, service):
        raise _not_ready(processes, service, "ended while it was starting")


def refuse_busy_port(service: Service, variable: str, port: int) -> None:
    """Raise `PortBusy` when somebody already listens on the port."""
    if is_busy(service.host, port):
        raise PortBusy(
            f"Port {port} on {service.host}, which {service.name} needs, is in use by another program. "
            f"Stop that program, or choose another port with {variable}."
        )


def is_busy(host: str, port: int) -> bool:
    """Whether a port cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: connections that ended don't count
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return True
    return False


def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def becomes_ready(processes: Processes, service: Service) -> bool:
    """Wait until the service is ready; False when it ended, as one does that was just being killed.

    Raises:
        NotReady: it lives but is not ready in time; the message has the end of its log.
    """
    deadline = time.monotonic() + service.seconds
    while processes.pid(service.name):
        if service.ready():
            return True
        if time.monotonic() > deadline:
            raise _not_ready(processes, service, f"did not answer within {service.seconds:.0f} s")
        time.sleep(0.25)
    return False


def _not_ready(processes: Processes, service: Service, what: str) -> NotReady:
    log = processes.log(service.name)
    return NotReady(f"{service.name} {what}. The last lines of {log}:\n{last_lines(log)}")
