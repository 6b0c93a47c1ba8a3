"""Which runtime the cluster is in: containers or processes of this machine.

Example: python -m cluster.choose     (prints docker or native; setup.sh asks before anything is installed)
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec

from cluster.docker.engine import docker_problem
from cluster.docker.runtime import Docker
from cluster.errors import MissingTool, exit_with_message
from cluster.runtime import Runtime
from cluster.settings import Settings


def choose(settings: Settings) -> Runtime:
    """The runtime that RUNTIME names; unset, docker when an engine answers, else native.

    Raises:
        MissingTool: docker is named, but no engine answers or Compose is missing; or it is native, whose packages are.
    """
    if choose_name(settings) == "docker":
        return Docker(settings)
    if find_spec("cassandra") is None:  # .venv was made for containers, which need no packages
        why = "" if settings.runtime else f" RUNTIME is unset, and {docker_problem(settings.environ)}"
        raise MissingTool(f"This copy was not set up for the native runtime: run `RUNTIME=native make setup`.{why}")
    from cluster.native.runtime import Native  # here, because it needs packages, and containers do not

    return Native(settings)


def choose_name(settings: Settings) -> str:
    """The name of the runtime that `choose` takes: docker or native."""
    if settings.runtime == "native":
        return "native"
    problem = docker_problem(settings.environ)
    if settings.runtime == "docker" and problem:
        raise MissingTool(f"RUNTIME=docker: {problem} Or use RUNTIME=native.")
    return "native" if problem else "docker"


def main() -> int:
    """The command line; returns the exit code."""
    settings = Settings.from_env()
    chosen = choose_name(settings)
    if chosen == "native" and not settings.runtime and shutil.which("docker"):
        # somebody who has Docker expects containers, and would wonder why Java is asked for
        print(
            f"Services run as processes of this machine, not in Docker: {docker_problem(settings.environ)}",
            file=sys.stderr,
        )
    print(chosen)
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
