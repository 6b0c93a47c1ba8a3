"""The report as a whole: before set-up with a bare Python, with every fault at once, and in `make help`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.doctor.__main__ import CHECKS, shown, summary
from cluster.doctor.line import Line, Mark
from tests.layout.tree import ROOT
from tests.support.doctor_place import place

SUBJECTS = [check.subject for check in CHECKS]
WITHOUT_PACKAGES = ("-S", "-m", "cluster.doctor")  # without site-packages


def doctor(folder: Path, root: Path = ROOT, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it as a program, with the variables of a machine that is in order and these."""
    given = {**place(folder).environ, "PYTHONPATH": str(root), **environ}
    command = [sys._base_executable, *(words or WITHOUT_PACKAGES)]  # type: ignore[attr-defined]
    return subprocess.run(command, cwd=root, env=given, capture_output=True, text=True, check=False, timeout=120)


def marks(text: str) -> dict[str, str]:
    """The mark of each subject that is in the report."""
    found = {}
    for line in text.splitlines():
        mark, rest = line[:5].strip(), line[7:]
        subject = next((each for each in SUBJECTS if rest.startswith(f"{each} ")), None)
        if mark and subject:
            found[subject] = mark
    return found


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The sources, without an environment, .env or data."""
    folder = tmp_path / "clone"
    for name in ("cluster", "cql", "domain"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.sh", "Makefile", ".env.example", "requirements.txt", "requirements-web.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_before_set_up_nothing_is_wrong_and_make_setup_is_what_comes_next(tmp_path: Path, clone: Path) -> None:
    answer = doctor(tmp_path, clone)
    assert answer.stderr == ""
    found = marks(answer.stdout)
    assert list(found) == SUBJECTS
    assert {subject for subject, mark in found.items() if mark == "look"} >= {"packages", "data", "services", "schema"}
    assert {subject for subject, mark in found.items() if mark == "WRONG"} <= {"memory", "disk"}  # of this machine
    assert "→ make setup" in answer.stdout
    assert answer.returncode == ("WRONG" in found.values())


def test_make_doctor_works_in_a_clone(tmp_path: Path, clone: Path) -> None:
    given = {**place(tmp_path).environ, "PATH": os.environ["PATH"]}
    answer = subprocess.run(["make", "doctor"], cwd=clone, env=given, capture_output=True, text=True, check=False)
    assert list(marks(answer.stdout)) == SUBJECTS
    assert not (clone / ".venv").exists(), "it changes nothing"
    listed = subprocess.run(["make", "help"], cwd=clone, env=given, capture_output=True, text=True, check=True).stdout
    assert "make doctor" in listed


def test_every_fault_at_once_is_still_a_report(tmp_path: Path, clone: Path) -> None:
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").symlink_to("/nowhere/python3")
    (clone / "data").touch()
    faults = {
        "RUNTIME": "docker",
        "PYTHON": "/nowhere",
        "http_proxy": "http://127.0.0.1:1",
        "PYTHONIOENCODING": "ascii",
        "NODES": "9",
        "SPARK_EXECUTOR_MEMORY": "999g",
    }
    answer = doctor(tmp_path, clone, **faults)
    assert answer.stderr == ""
    assert answer.returncode == 1
    wrong = {subject for subject, mark in marks(answer.stdout).items() if mark == "WRONG"}
    assert wrong >= {"runtime", "Python", "packages", "memory", "proxy", "encodings", "data"}


@pytest.mark.parametrize("text", ["WORKERS=many\n", "a line\n", b"\xff\xfe", b"A=\x00\n"])
def test_a_wrong_setting_is_said_once(tmp_path: Path, clone: Path, text: str | bytes) -> None:
    (clone / ".env").write_bytes(text.encode() if isinstance(text, str) else text)
    answer = doctor(tmp_path, clone)
    found = marks(answer.stdout)
    assert list(found) == SUBJECTS
    if found["settings"] == "WRONG":
        others = {subject for subject, mark in found.items() if mark == "WRONG"} - {"settings"}
        assert others == set(), "which are only not looked at"
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_user_without_a_home_is_one_fault(tmp_path: Path) -> None:
    code = "import os, sys; sys.argv = ['doctor']; os.environ.pop('HOME'); os.getuid = lambda: 54321; "
    code += "from cluster.doctor.__main__ import main; sys.exit(main())"
    answer = doctor(tmp_path, ROOT, "-c", code)
    assert answer.stderr == ""
    found = marks(answer.stdout)
    assert list(found) == SUBJECTS
    wrong = [subject for subject, mark in found.items() if mark == "WRONG"]
    assert wrong == ["settings"]
    assert '→ export HOME="$PWD"' in answer.stdout


def test_a_line_has_its_mark_its_subject_and_below_it_the_command() -> None:
    line = shown(Line(Mark.WRONG, "ports", "5000 is held", "kill 1"))
    assert line == f"WRONG  {'ports':<11}  5000 is held\n{'':<20}→ kill 1"
    assert shown(Line(Mark.OK, "ports", "free")) == f"ok     {'ports':<11}  free"
    assert shown(Line(Mark.LOOK, "ports", "a\nb", "")).splitlines()[1] == f"{'':<20}b"


@pytest.mark.parametrize(
    ("of", "says"),
    [
        ([Mark.OK], "Nothing is wrong."),
        ([Mark.OK, Mark.LOOK], "Nothing is wrong; 1 to look at."),
        ([Mark.OK, Mark.WRONG, Mark.LOOK], "1 of 3 wrong, 1 to look at. The arrows say what mends it."),
    ],
)
def test_the_summary_counts(of: list[Mark], says: str) -> None:
    assert summary([Line(mark, "x", "y") for mark in of]) == says


def test_what_is_wrong_or_worth_a_look_has_a_command_everywhere(tmp_path: Path, clone: Path) -> None:
    lines = doctor(tmp_path, clone, RUNTIME="docker", PYTHON="/nowhere").stdout.splitlines()
    starts = [place for place, line in enumerate(lines) if line[:5].strip() in ("look", "WRONG")]
    assert starts
    assert [lines[start] for start in starts if not any("→" in line for line in lines[start + 1 : start + 3])] == []
