"""Which runtime is taken, with `docker` commands that only play an engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.choose import choose, choose_name, main
from cluster.errors import MissingTool
from tests.support.played_docker import ENGINE, NO_ENGINE, program, settings


def test_without_docker_the_runtime_is_native(tmp_path: Path) -> None:
    assert choose_name(settings(tmp_path)) == "native"
    assert choose(settings(tmp_path)).name == "native"


def test_an_engine_that_answers_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "docker", ENGINE)
    program(tmp_path, "docker-compose", "")
    assert choose_name(settings(tmp_path)) == "docker"
    assert choose(settings(tmp_path)).name == "docker"


def test_the_user_has_the_last_word(tmp_path: Path) -> None:
    program(tmp_path, "docker", ENGINE)
    program(tmp_path, "docker-compose", "")
    assert choose_name(settings(tmp_path, RUNTIME="native")) == "native"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (None, "no `docker` command"),
        (NO_ENGINE, r"no engine answers \(Cannot connect to the Docker daemon\)"),
        (ENGINE, "Compose is missing"),
    ],
    ids=["no command", "no engine", "no Compose"],
)
def test_docker_that_cannot_be_used_is_refused_when_named_and_passed_over_when_not(
    tmp_path: Path, script: str | None, says: str
) -> None:
    if script:
        program(tmp_path, "docker", script)
    with pytest.raises(MissingTool, match=says):
        choose(settings(tmp_path, RUNTIME="docker"))
    assert choose_name(settings(tmp_path)) == "native"


def test_a_copy_set_up_for_containers_says_so_when_the_engine_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "docker", NO_ENGINE)
    monkeypatch.setattr("cluster.choose.find_spec", lambda _: None)
    with pytest.raises(MissingTool, match=r"RUNTIME=native make setup.*no engine answers"):
        choose(settings(tmp_path))


def test_who_has_docker_is_told_why_it_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "docker", NO_ENGINE)
    monkeypatch.setenv("PATH", str(tmp_path))
    own = settings(tmp_path)
    monkeypatch.setattr("cluster.choose.Settings.from_env", lambda: own)
    assert main() == 0
    said = capsys.readouterr()
    assert said.out == "native\n"
    assert said.err.startswith("Services run as processes of this machine, not in Docker: no engine answers (Cannot")
