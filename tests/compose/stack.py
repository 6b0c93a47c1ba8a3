"""A fresh copy of the project, and what a user types in it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.docker.engine import compose_command
from cluster.env_file import read_env_file
from tests.support.sites import get_json, records

MAKE_SECONDS = 1800


@dataclass(frozen=True)
class Stack:
    """The project in `folder`, whose commands run with `environ`."""

    folder: Path
    environ: Mapping[str, str]
    project: str
    port: int

    def make(self, *words: str, code: int = 0) -> str:
        """`make …`; what it prints. Fails when it ends with another exit code."""
        return self.call("make", *words, code=code)

    def compose(self, *words: str, code: int = 0) -> str:
        """Compose as a user types it, without make's help."""
        return self.call(*(compose_command(self.environ) or ()), *words, code=code)

    def docker(self, *words: str) -> str:
        """A docker command."""
        return self.call("docker", *words)

    def call(self, *words: str, code: int = 0) -> str:
        """Any command; its output and errors."""
        answer = subprocess.run(
            words,
            cwd=self.folder,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MAKE_SECONDS,
        )
        assert answer.returncode == code, f"{' '.join(words)}: {answer.returncode}\n{answer.stdout[-4000:]}"
        return answer.stdout

    def get(self, path: str) -> Any:
        """The JSON at a path of the published site."""
        return get_json(f"http://127.0.0.1:{self.port}{path}", timeout=60)

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """What `docker inspect` says of the project's containers, or of one service's."""
        label = f"label=com.docker.compose.project={self.project}"
        more = ["--filter", f"label=com.docker.compose.service={service}"] if service else []
        ids = self.docker("ps", "-a", "-q", "--filter", label, *more).split()
        return json.loads(self.docker("inspect", *ids)) if ids else []

    @property
    def secrets(self) -> dict[str, str]:
        """The passwords in .env."""
        known = read_env_file(self.folder / ".env")
        return {name: known[name] for name in ("CASSANDRA_PASSWORD", "CASSANDRA_ADMIN_PASSWORD", "API_KEY")}

    def record(self, job: str) -> dict[str, Any]:
        """The record of the job's first run."""
        return records(self.folder / "data", job)[0]
