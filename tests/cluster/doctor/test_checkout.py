"""Settings, packages and data of a copy, as they should be and with one fault each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cluster.doctor import checkout, machine
from cluster.doctor.line import Mark, Place
from tests.support.doctor_place import place, program


def with_data(folder: Path, **environ: str) -> Place:
    """A copy with real data."""
    there = place(folder, **environ)
    raw = there.settings.data_dir / "raw"
    raw.mkdir(parents=True)
    note = {"name": "ml-latest-small", "folder": f"{raw}/ml-latest-small", "generated": False}
    (raw / "source.json").write_text(json.dumps(note))
    return there


def test_settings_that_are_understood_are_in_order(tmp_path: Path) -> None:
    assert "there is no .env" in checkout.settings(place(tmp_path)).sentence
    (tmp_path / "copy/.env").write_text("SIZE=sample\n")
    line = checkout.settings(place(tmp_path))
    assert (line.mark, "SIZE=sample" in line.sentence) == (Mark.OK, True)


@pytest.mark.parametrize("text", ["WORKERS=many", "SIZE=xl", "what is this", "CASSANDRA_PORT=80", "WEB_PORT=7077"])
def test_a_line_of_env_that_is_not_understood_is_wrong(tmp_path: Path, text: str) -> None:
    there = place(tmp_path)
    (there.root / ".env").write_text(f"{text}\n")
    environ = {name: value for name, value in there.environ.items() if not name.endswith("PORT")}
    line = checkout.settings(Place(there.root, environ))
    assert (line.mark, line.command) == (Mark.WRONG, f"${{EDITOR:-vi}} {there.root}/.env")


def test_a_variable_of_the_environment_is_taken_away_there(tmp_path: Path) -> None:
    line = checkout.settings(place(tmp_path, WORKERS="many"))
    assert (line.mark, line.command) == (Mark.WRONG, "unset WORKERS")
    assert line.sentence.startswith("WORKERS='many' is not allowed")


def test_doubts_about_env_are_to_look_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "doubtful", lambda path: [f"{path}, line 1: WORKRES; did you mean WORKERS?"])
    line = checkout.settings(place(tmp_path))
    assert (line.mark, "did you mean WORKERS?" in line.sentence) == (Mark.LOOK, True)


def test_before_set_up_there_are_no_packages_yet(tmp_path: Path) -> None:
    line = checkout.packages(place(tmp_path))
    assert (line.mark, line.command) == (Mark.LOOK, "make setup")


@pytest.mark.parametrize("target", ["/nowhere/python3", "python3.11"])
def test_an_environment_whose_python_is_gone_is_wrong(tmp_path: Path, target: str) -> None:
    there = place(tmp_path)
    (there.root / ".venv/bin").mkdir(parents=True)
    (there.root / ".venv/bin/python").symlink_to(target)
    line = checkout.packages(there)
    assert (line.mark, line.command, target in line.sentence) == (Mark.WRONG, "make setup", True)


def test_an_environment_that_does_not_start_is_wrong(tmp_path: Path) -> None:
    there = place(tmp_path)
    program(there.root / ".venv/bin/python", "exit 1")
    assert checkout.packages(there).mark is Mark.WRONG


def test_an_environment_is_looked_at_with_its_own_python(tmp_path: Path) -> None:
    there = place(tmp_path)
    program(there.root / ".venv/bin/python", "exit 0")
    line = checkout.packages(there)
    assert (line.mark, line.command, sys.executable in line.sentence) == (Mark.LOOK, "make doctor", True)


def test_packages_are_compared_with_the_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = place(tmp_path)
    program(there.root / ".venv/bin/python", "exit 0")
    monkeypatch.setattr(checkout, "in_environment", lambda _: True)
    (there.root / "requirements-web.txt").write_text("# ours\nnumpy==2.3.5   # formulas\n")
    requirements = there.root / "requirements.txt"
    requirements.write_text('-r requirements-web.txt\npytest==8.4.2\nnot-there==1.0 ; python_version >= "3.12"\n')
    assert checkout.packages(there).mark is Mark.OK
    requirements.write_text("pytest==1.0\nnot-there==2\nPyYAML==1\nruff==0.1\n")
    line = checkout.packages(there)
    assert (line.mark, line.command) == (Mark.LOOK, "make setup")
    assert "pytest is 8.4.2, not 1.0, not-there is missing, PyYAML is " in line.sentence
    assert line.sentence.endswith(", and 1 more")


def test_data_are_named_with_what_they_are(tmp_path: Path) -> None:
    line = checkout.data(with_data(tmp_path))
    assert line.mark is Mark.OK
    assert line.sentence.startswith(f"ml-latest-small (real) in {tmp_path}/copy/data/raw/ml-latest-small; ")


def test_without_data_set_up_brings_them(tmp_path: Path) -> None:
    line = checkout.data(place(tmp_path))
    assert (line.mark, line.command) == (Mark.LOOK, "make setup")
    (tmp_path / "copy/data/raw").mkdir(parents=True)
    (tmp_path / "copy/data/raw/source.json").write_text("{")
    assert checkout.data(place(tmp_path)).mark is Mark.LOOK


@pytest.mark.parametrize("name", ["MOVIELENS_DIR", "SONGS_DIR", "CATALOGUE_DIR"])
def test_a_folder_of_the_users_that_does_not_exist_is_wrong(tmp_path: Path, name: str) -> None:
    line = checkout.data(with_data(tmp_path, **{name: str(tmp_path / "gone")}))
    assert (line.mark, f"{name}={tmp_path}/gone" in line.sentence) == (Mark.WRONG, True)


@pytest.mark.parametrize("below", ["", "/data", "/a/b"])
def test_a_file_in_place_of_the_data_folder_is_wrong(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    line = checkout.data(place(tmp_path, DATA_DIR=f"{tmp_path}/file{below}"))
    assert (line.mark, f"{tmp_path}/file is a file" in line.sentence) == (Mark.WRONG, True)


def test_a_folder_on_a_system_that_cannot_be_written_is_wrong(tmp_path: Path) -> None:
    line = checkout.data(place(tmp_path, DATA_DIR="/proc/data"))  # for root, too
    assert (line.mark, bool(line.command)) == (Mark.WRONG, True)


def test_a_data_folder_of_somebody_else_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout.os, "access", lambda path, mode: False)
    line = checkout.data(with_data(tmp_path))
    assert (line.mark, line.command) == (Mark.WRONG, f'sudo chown -R "$(id -un)" {tmp_path}/copy/data')


@pytest.mark.parametrize(("size", "free", "mark"), [("s", 3, "look"), ("s", 1, "wrong"), ("f", 3, "wrong")])
def test_room_is_compared_with_what_the_size_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, free: int, mark: str
) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=free * 1e9))
    line = checkout.data(place(tmp_path, SIZE=size))
    assert line.mark == mark
    assert f"{free}" in line.sentence


def test_data_that_are_there_need_some_room_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = with_data(tmp_path)
    for free, mark in ((1.5e9, Mark.OK), (0.2e9, Mark.WRONG), (0, Mark.WRONG)):
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert checkout.data(there).mark is mark
