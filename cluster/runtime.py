"""What a runtime can do. Whatever starts or fills the cluster goes through `Runtime` and knows no more of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from cluster.application import Application
from cluster.errors import ClusterError
from cluster.settings import Settings

GROUPS = ("cassandra", "spark", "web")
RUNNING = "running"  # the state of a service that answers; Docker has the same word for a container


@dataclass(frozen=True)
class State:
    """A row of the status table."""

    service: str
    process: str  # pid, or the container's short id
    address: str
    state: str  # RUNNING, or what else it is


class Runtime(Protocol):
    """A way to run the services and the jobs. Every method raises ClusterError with what to do."""

    @property
    def name(self) -> str:
        """The word for RUNTIME: docker or native."""

    @property
    def data(self) -> Path:
        """DATA_DIR as the jobs see it."""

    def prepare(self) -> None:
        """Bring what the services are made of: jars, or images."""

    def up(self, services: Sequence[str] = GROUPS) -> None:
        """Start the groups of services that do not run, wait until they are ready, and apply the schema."""

    def down(self, volumes: bool = False) -> None:
        """Stop everything that `up` started; with `volumes` remove the stored data too."""

    def status(self) -> list[State]:
        """Each service that was started and not stopped."""

    def logs(self, service: str | None, follow: bool) -> int:
        """Print the end of the logs; returns an exit code."""

    def scale(self) -> None:
        """Start or stop Spark workers of a running cluster until there are as many as the settings say."""

    def schema(self) -> None:
        """Create missing tables and compare the others with cql/tables."""

    def rollback(self, kind: str) -> None:
        """Serve the run of this kind (cql/kinds.py) that was published before."""

    def submit(self, job: str, args: list[str], output: IO[str] | None = None) -> int:
        """Run a job on the cluster, its output to a file if one is given; returns the exit code."""

    def application(self) -> Application:
        """An application for jobs one after the other."""

    def spark_sql(self, args: Sequence[str]) -> int:
        """Run `spark-sql` beside the cluster, on the user's terminal; returns the exit code."""

    def clean(self, data: bool) -> None:
        """Remove logs and generated configuration of a cluster that is down, with `data` the data folder too."""


def job_script(settings: Settings, job: str) -> str:
    """The path of a job's file below the project's folder.

    Raises:
        ClusterError: there is no such job; the message has the names of all.
    """
    jobs = sorted(path.stem for path in (settings.root / "spark_jobs").glob("[a-z]*.py"))
    if job not in jobs:
        raise ClusterError(f"There is no job {job!r}. The jobs are: {', '.join(jobs)}.")
    return f"spark_jobs/{job}.py"
