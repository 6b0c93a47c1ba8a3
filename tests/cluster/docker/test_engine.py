"""Which of two generations of Compose is taken."""

from __future__ import annotations

from pathlib import Path

from cluster.docker.engine import compose_command
from tests.support.played_docker import program


def test_the_plugin_is_preferred_to_the_old_compose(tmp_path: Path) -> None:
    program(tmp_path, "docker", "exit 0")
    program(tmp_path, "docker-compose", "")
    assert compose_command({"PATH": str(tmp_path)}) == ["docker", "compose"]
