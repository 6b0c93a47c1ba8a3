"""Which runtime the cluster is in. Whatever fills the cluster goes through `Runtime` and knows no other detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from cluster import native
from cluster.errors import ClusterError
from cluster.settings import Settings


class Runtime(Protocol):
    """A way to run the services and the jobs."""

    name: str

    def up(self, services: Sequence[str]) -> None:
        """Start the groups of services (cassandra, spark, web) that do not run, and wait until they are ready."""

    def submit(self, job: str, args: list[str], output: IO[str]) -> int:
        """Run a job on the cluster with its output in a file; returns the exit code."""


@dataclass(frozen=True)
class Native:
    """Local processes."""

    settings: Settings
    name: str = "native"

    def up(self, services: Sequence[str]) -> None:
        """See `Runtime`."""
        native.up(self.settings, services)

    def submit(self, job: str, args: list[str], output: IO[str]) -> int:
        """See `Runtime`."""
        return native.submit(self.settings, job, args, output)


def choose(settings: Settings) -> Runtime:
    """The runtime that RUNTIME names; native when it is unset.

    Raises:
        ClusterError: it names docker and there is no Compose file to run.
    """
    if settings.runtime == "docker":
        raise ClusterError(
            f"RUNTIME=docker: there is no {settings.root / 'docker-compose.yml'} yet. Use RUNTIME=native, or unset it."
        )
    return Native(settings)
