"""docker-compose.yml as both generations of Compose read it, and what an image is made from."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from cluster.docker.env_file import sizes_for
from cluster.docker.runtime import CASSANDRA_IMAGE, IMAGES
from cluster.settings import Settings
from tests.support.env_forms import ALIKE, OUTSIDE

ROOT = Path(__file__).resolve().parents[2]
# 1.29 has ${NAME} and ${NAME:-default} only, in single quotes, too, where "" is a value; and no \\ as a last character
BEYOND_1_29 = r"\$[A-Z]|\\\$|'\$|\\\\\"|EMPTY|UNSET-"
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


@pytest.mark.cluster
def test_every_compose_of_this_machine_reads_an_env_file_as_we_do(engine: Mapping[str, str], tmp_path: Path) -> None:
    forms = {f"A{number}": text for number, text in enumerate(ALIKE)}
    own = {name: re.sub(r"(?m)^(\s*(?:export\s+)?)A=", rf"\g<1>{name}=", text) for name, text in forms.items()}
    (tmp_path / ".env").write_text("\n".join(own.values()))
    named = "".join(f'      {name}: "${{{name}}}"\n' for name in own)
    (tmp_path / "docker-compose.yml").write_text(f"services:\n  x:\n    image: x\n    environment:\n{named}")
    for command in generations(engine):
        answer = subprocess.run([*command, "config"], cwd=tmp_path, env={**engine, **OUTSIDE}, capture_output=True)
        read = yaml.safe_load(answer.stdout)["services"]["x"]["environment"]
        for name, text in forms.items():
            if command == ["docker-compose"] and re.search(BEYOND_1_29, text):
                continue
            assert read[name].replace("$$", "$") == ALIKE[text], (command, text)


@pytest.mark.parametrize("source", ["/a:b", "/a b", "./data"])
def test_the_data_folder_is_mounted_whatever_its_name(source: str) -> None:
    """In the short form, source:target:mode, a colon in a name would be the end of it."""
    for service in ("spark-master", "spark-worker", "spark-history"):
        (mount,) = yaml.safe_load(COMPOSE.replace("${CONTAINER_DATA_DIR:-./data}", source))["services"][service][
            "volumes"
        ]
        assert mount == {"type": "bind", "source": source, "target": "/data"}


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
