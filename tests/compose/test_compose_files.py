"""docker-compose.yml as both generations of Compose read it, and what an image is made from."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from cluster.docker.env_file import sizes_for
from cluster.docker.runtime import CASSANDRA_IMAGE, IMAGES
from cluster.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def generations(environ: Mapping[str, str]) -> list[list[str]]:
    """Each Compose of this machine."""
    plugin = subprocess.run(["docker", "compose", "version"], env=dict(environ), capture_output=True)
    found = [["docker", "compose"]] if plugin.returncode == 0 else []
    return [*found, *([["docker-compose"]] if shutil.which("docker-compose") else [])]


@pytest.mark.cluster
def test_every_compose_of_this_machine_reads_the_file_without_a_word(
    engine: Mapping[str, str], project: Path, tmp_path: Path
) -> None:
    for folder in (project, tmp_path):
        (folder / "docker-compose.yml").write_text(COMPOSE)  # in tmp_path: before there is any .env
        for command in generations(engine):
            for profiles in ([], ["--profile", "three-nodes", "--profile", "history"]):
                words = [*command, *profiles, "config", "-q"]
                answer = subprocess.run(words, cwd=folder, env=dict(engine), capture_output=True, text=True)
                assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", ""), words


def test_the_names_that_the_runtime_uses_are_those_of_the_file(tmp_path: Path) -> None:
    assert f"${{CASSANDRA_IMAGE:-{CASSANDRA_IMAGE}}}" in COMPOSE
    for target, tag in IMAGES.items():
        assert f"${{{target.upper()}_IMAGE:-{tag}}}" in COMPOSE
    for name in sizes_for(Settings.from_env({"HOME": str(tmp_path)}, tmp_path)):
        assert f"${{{name}:-" in COMPOSE


def test_only_named_folders_get_into_an_image() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith("!") and rule[1:].split("/")[0] in (".env", "data", "tests")]
