"""Which runtime the cluster is in. Whatever starts or fills the cluster goes through `Runtime` and knows no more of it.

Example: python -m cluster.runtime     (prints docker or native; setup.sh asks before anything is installed)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Protocol

from cluster.application import Application
from cluster.errors import ClusterError, MissingTool, exit_with_message
from cluster.settings import Settings

GROUPS = ("cassandra", "spark", "web")
RUNNING = "running"
ENGINE_SECONDS = 20.0


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
        """docker or native."""

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
        """As many Spark workers as the settings say, beside a cluster that runs."""

    def schema(self) -> None:
        """Create missing tables and compare the others with cql/tables."""

    def rollback(self, kind: str) -> None:
        """Serve the run of this kind (cql/kinds.py) that was published before."""

    def submit(self, job: str, args: list[str], output: IO[str] | None = None) -> int:
        """Run a job on the cluster, its output to a file if one is given; returns the exit code."""

    def application(self) -> Application:
        """For jobs one after the other: see `Application`."""

    def spark_sql(self, args: Sequence[str]) -> int:
        """Run `spark-sql` beside the cluster, on the user's terminal; returns the exit code."""

    def clean(self, data: bool) -> None:
        """Remove logs and generated configuration of a cluster that is down, with `data` the data folder too."""


def choose(settings: Settings) -> Runtime:
    """The runtime that RUNTIME names; unset, docker when an engine answers, else native.

    Raises:
        MissingTool: docker is named, but no engine answers or Compose is missing; or it is native, whose packages are.
    """
    if choose_name(settings) == "docker":
        from cluster.docker import Docker  # here, because neither runtime needs what the other one has installed

        return Docker(settings)
    if find_spec("cassandra") is None:  # .venv was made for containers, which need no packages
        why = "" if settings.runtime else f" RUNTIME is unset, and {docker_problem(settings.environ)}"
        raise MissingTool(f"This copy was not set up for the native runtime: run `RUNTIME=native make setup`.{why}")
    from cluster.native import Native

    return Native(settings)


def choose_name(settings: Settings) -> str:
    """docker or native; see `choose`."""
    if settings.runtime == "native":
        return "native"
    problem = docker_problem(settings.environ)
    if settings.runtime == "docker" and problem:
        raise MissingTool(f"RUNTIME=docker: {problem} Or use RUNTIME=native.")
    return "native" if problem else "docker"


def docker_problem(environ: Mapping[str, str]) -> str | None:
    """Why the cluster cannot be started in containers here, or None."""
    if not shutil.which("docker", path=environ.get("PATH")):
        return "there is no `docker` command; install Docker Engine and Compose."
    try:
        subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            env=dict(environ),
            capture_output=True,
            text=True,
            check=True,
            timeout=ENGINE_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        return f"no engine answers ({error.stderr.strip()}); start it, or name it with DOCKER_HOST."
    except subprocess.TimeoutExpired:
        return f"the engine does not answer within {ENGINE_SECONDS:.0f} s; see its log."
    if compose_command(environ) is None:
        return "the engine answers, but Compose is missing; install the plugin docker-compose-v2 or docker-compose."
    return None


def compose_command(environ: Mapping[str, str]) -> list[str] | None:
    """`docker compose` (v2), else `docker-compose` (1.29), else None."""
    plugin = subprocess.run(["docker", "compose", "version"], env=dict(environ), capture_output=True, check=False)
    if plugin.returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose", path=environ.get("PATH")) else None


def job_script(settings: Settings, job: str) -> str:
    """The path of a job's file below the project's folder.

    Raises:
        ClusterError: there is no such job; the message has the names of all.
    """
    jobs = sorted(path.stem for path in (settings.root / "spark_jobs").glob("[a-z]*.py"))
    if job not in jobs:
        raise ClusterError(f"There is no job {job!r}. The jobs are: {', '.join(jobs)}.")
    return f"spark_jobs/{job}.py"


def main() -> int:
    """The command line; returns the exit code."""
    settings = Settings.from_env()
    chosen = choose_name(settings)
    if chosen == "native" and not settings.runtime and shutil.which("docker"):
        # somebody who has Docker expects containers, and would wonder why Java is asked for
        print(f"Docker is not used: {docker_problem(settings.environ)}", file=sys.stderr)
    print(chosen)
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
