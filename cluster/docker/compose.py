"""Call Docker and Compose, and read what they say of our containers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from cluster.application import piped
from cluster.docker.engine import compose_command
from cluster.docker.env_file import SIZES
from cluster.errors import ClusterError, NotReady
from cluster.interactions import run_between
from cluster.runtime import RUNNING, State
from cluster.settings import Settings
from domain.contract.spark_environment import of_this_machine

PROFILES = ("three-nodes", "history")
ONE_SHOT = "schema"
LAST_LINES = 15
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Container:
    """A container of the project, running or not."""

    service: str
    id: str
    state: str  # RUNNING when it is healthy, else starting, unhealthy, exited, …
    address: str
    last_check: str  # what the last healthcheck said

    @classmethod
    def of(cls, inspected: Mapping[str, Any]) -> Container:
        """Read an entry of `docker inspect`."""
        status = inspected["State"]["Status"]
        health = inspected["State"].get("Health", {}).get("Status", "healthy")
        checks = inspected["State"].get("Health", {}).get("Log") or [{"Output": ""}]
        ports = [port for published in inspected["NetworkSettings"]["Ports"].values() for port in published or ()]
        return cls(
            service=inspected["Config"]["Labels"]["com.docker.compose.service"],
            id=inspected["Id"][:12],
            state=health if status == RUNNING and health != "healthy" else status,
            address=", ".join(sorted(f"{port['HostIp']}:{port['HostPort']}" for port in ports)) or "-",
            last_check=checks[-1]["Output"].strip()[-500:],
        )


class Compose:
    """Compose for the project of `settings`."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root
        # sizes are written to .env after the settings are read, and what is here wins over the file
        others = {name: value for name, value in settings.environ.items() if not name.startswith(SIZES)}
        self._environ = {**os.environ, **others}
        self._environ |= of_this_machine(self._environ)  # an engine at tcp://127.0.0.1 is no proxy's to reach
        self._command = compose_command(self._environ) or ["docker-compose"]

    def docker(self, *args: str) -> None:
        """Run a docker command whose output is the user's to see.

        Images are built this way: an engine of 20.10 has the classic builder only, which Compose v2 no longer knows.

        Raises:
            ClusterError: it failed.
        """
        if subprocess.run(["docker", *args], cwd=self._root, env=self._environ, check=False).returncode:
            raise ClusterError(f"`docker {args[0]}` failed: see the lines above.")

    def has_image(self, image: str) -> bool:
        """Whether the engine has the image."""
        return self._captured(["docker", "image", "inspect", image]).returncode == 0

    def call(self, *args: str, output: IO[str] | None = None) -> int:
        """Run a Compose command, its output to a file or to the user; returns the exit code."""
        command = [*self._command, *args]
        return subprocess.run(
            command, cwd=self._root, env=self._environ, stdout=output, stderr=output, check=False
        ).returncode

    def pipe(self, *args: str) -> subprocess.Popen[str]:
        """Begin a Compose command whose input and output are ours."""
        return piped([*self._command, *args], self._root, self._environ)

    def quietly(self, *args: str) -> str:
        """Run a Compose command and return what it prints.

        Raises:
            ClusterError: it failed; the message has the last lines that it printed.
        """
        answer = self._captured([*self._command, *args])
        if answer.returncode:
            raise ClusterError(_said(answer.stdout + answer.stderr) or f"`{' '.join(args)}` failed without a word.")
        return answer.stdout.strip()

    def between(self, source: IO[str] | None, target: IO[str] | None, *args: str) -> None:
        """Run a Compose command that reads one file and writes another.

        Raises:
            ClusterError: it failed; the message has the last lines that it said.
        """
        if said := run_between([*self._command, *args], self._root, self._environ, source, target):
            raise ClusterError(_said(said))

    def volumes(self) -> list[str]:
        """The names of the project's volumes that the engine has.

        Raises:
            ClusterError: it does not say.
        """
        of_project = f"label=com.docker.compose.project={self._project}"
        answer = self._captured(["docker", "volume", "ls", "-q", "--filter", of_project])
        if answer.returncode:
            raise ClusterError(_said(answer.stderr) or "`docker volume ls` failed.")
        return answer.stdout.split()

    @property
    def _project(self) -> str:
        """The name of the project, as Compose makes it of the folder's."""
        given = self._environ.get("COMPOSE_PROJECT_NAME")
        return given or re.sub("[^a-z0-9_-]", "", self._root.name.lower()).lstrip("_-")

    def containers(self) -> list[Container]:
        """Every container of the project but those that run once."""
        return self._inspected(self._ids())

    def _ids(self) -> list[str]:
        profiles = [part for profile in PROFILES for part in ("--profile", profile)]
        return self.quietly(*profiles, "ps", "-a", "-q").split()

    def _inspected(self, ids: Sequence[str]) -> list[Container]:
        """The containers of these ids that are still there."""
        if not ids:
            return []
        answer = self._captured(["docker", "inspect", *ids])
        there = [Container.of(entry) for entry in json.loads(answer.stdout or "[]")]
        return sorted((each for each in there if each.service != ONE_SHOT), key=lambda each: (each.service, each.id))

    def states(self) -> list[State]:
        """The containers as rows of the status table."""
        return [State(each.service, each.id, each.address, each.state) for each in self.containers()]

    def wait_until_healthy(self, services: Sequence[str], seconds: float) -> None:
        """Return when all containers of the services are healthy.

        Raises:
            NotReady: one has ended or is not healthy in time; the message has the end of its log.
        """
        deadline = time.monotonic() + seconds
        ids = self._ids()  # once: Compose 1.29 takes a second of processor time for it, Docker none
        while True:
            waiting = [each for each in self._inspected(ids) if each.service in services and each.state != RUNNING]
            if not waiting:
                return
            ended = [each for each in waiting if each.state in ("exited", "dead", "unhealthy")]
            if ended or time.monotonic() > deadline:
                worst = (ended or waiting)[0]
                said = f" Its healthcheck says: {worst.last_check}" if worst.last_check else ""
                raise NotReady(
                    f"{worst.service} is {worst.state}.{said}\nIts last lines:\n{self._last_lines(worst.id)}"
                )
            time.sleep(POLL_SECONDS)

    def _last_lines(self, container: str) -> str:
        answer = self._captured(["docker", "logs", "--tail", str(LAST_LINES), container])
        return "\n".join(f"    {line}" for line in (answer.stdout + answer.stderr).splitlines())

    def _captured(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self._root, env=self._environ, capture_output=True, text=True, errors="replace", check=False
        )


def _said(text: str) -> str:
    """What went wrong: our own program's error where there is one, else the last lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    ours = [line.removeprefix("ERROR ") for line in lines if line.startswith("ERROR ") and "Creating" not in line]
    return "\n".join(ours or lines[-LAST_LINES:])
