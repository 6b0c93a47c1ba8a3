"""What setup.sh takes for Python and what it says when there is none, in folders where programs only play one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.layout.tree import ROOT

TOOLS = ("bash", "cat", "dirname", "env", "grep", "id", "mkdir", "cp", "rm", "sha256sum", "uname", "sleep")
# Answers as Python of a version: `%s` is what fails when it is imported
PYTHON = """#!/bin/sh
case "$2" in
    print*) echo {version} ;;
    "import {lacks}"*) exit 1 ;;
    *_base_executable*) exit 1 ;;
    *purelib*) echo "{home}/.venv" ;;
    cluster.choose) echo native ;;
    cluster.doctor) echo "is told $PYTHON" >> "{home}/told" ;;
    venv) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
[ "$1" != --version ] || echo Python {version}
echo "{version} $*" >> "{home}/told"
"""


def programs(home: Path, **versions: str) -> Path:
    """A folder for PATH with the tools that setup.sh calls, and one played Python for each name."""
    folder = home / "bin"
    folder.mkdir(exist_ok=True)
    for tool in TOOLS:
        if not (folder / tool).exists():
            (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name, version in versions.items():
        played_python(home, folder / name.replace("_", "."), version)
    return folder


def played_python(home: Path, path: Path, version: str, lacks: str = "-") -> Path:
    """A program that answers as Python of a version, without the modules `lacks`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PYTHON.format(version=version, lacks=lacks, home=home))
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The files that setup.sh reads, and nothing that it starts."""
    folder = tmp_path / "a project"
    (folder / "cluster/doctor").mkdir(parents=True)
    for name in ("setup.sh", "cluster/doctor/install.sh"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("requirements.txt", "requirements-web.txt", "requirements-dev.txt"):
        (folder / name).touch()
    return folder


def setup(home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run setup.sh with nothing but these variables."""
    environ = {"PATH": str(home / "bin"), **environ}
    return subprocess.run(
        ["bash", home / "setup.sh", *words], env=environ, cwd="/", capture_output=True, text=True, check=False
    )


def told(home: Path) -> list[str]:
    """How the played programs were called."""
    return (home / "told").read_text().splitlines() if (home / "told").exists() else []


def error(answer: subprocess.CompletedProcess[str]) -> str:
    """The one message of a set-up that failed."""
    assert answer.returncode == 1
    assert answer.stderr.count("ERROR") == 1
    assert answer.stdout == ""
    return answer.stderr


@pytest.mark.parametrize("version", ["3.11.2", "3.12.3", "3.13.5"])
def test_every_python_on_which_the_jobs_run_is_taken(home: Path, version: str) -> None:
    programs(home, python3=version)
    assert setup(home, "--commands").returncode == 0
    assert f"{version} -m venv --clear .venv" in told(home)


@pytest.mark.parametrize("version", ["3.10.12", "3.14.0", "2.7.18", "4.0.0"])
def test_another_python_is_named_with_its_version(home: Path, version: str) -> None:
    programs(home, python3=version)
    assert f"python3 is Python {version}" in error(setup(home, "--dev"))


def test_the_first_of_several_that_suits_is_taken(home: Path) -> None:
    programs(home, python3_11="3.10.0", python3_12="3.12.1", python3_13="3.13.0", python3="3.14.0")
    assert setup(home, "--commands").returncode == 0
    assert "3.12.1 -m venv --clear .venv" in told(home)


def test_with_none_on_the_path_a_way_that_this_system_has_is_told(home: Path) -> None:
    programs(home)
    way = subprocess.run(["bash", home / "cluster/doctor/install.sh", "python"], capture_output=True, text=True)
    assert way.stdout.strip() in error(setup(home))


def test_a_python_that_lacks_pip_is_named_with_what_it_lacks(home: Path) -> None:
    played_python(home, programs(home) / "python3", "3.13.5", lacks="venv, ensurepip")
    assert "python3 is Python 3.13.5 without its modules venv, ensurepip" in error(setup(home, "--dev"))


@pytest.mark.parametrize("name", ["my python/bin/python3", "a  b/python$HOME", "q'uo\"te/python", "star*/p?thon [x]"])
def test_python_may_be_named_with_any_path(home: Path, name: str) -> None:
    programs(home, python3="3.14.0")
    named = played_python(home, home / name, "3.12.9")
    assert setup(home, "--commands", PYTHON=str(named)).returncode == 0
    assert "3.12.9 -m venv --clear .venv" in told(home)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("/nowhere/python3", "PYTHON=/nowhere/python3 is not there"),
        ("/", "PYTHON=/ is not there"),
        (shutil.which("true") or "", "is no Python that starts"),
        (shutil.which("bash") or "", "is no Python that starts"),
        (shutil.which("cat") or "", "is no Python that starts"),
        (shutil.which("echo") or "", "is no Python that starts"),
    ],
)
def test_python_that_names_something_else_is_said_and_no_other_is_taken(home: Path, named: str, says: str) -> None:
    programs(home, python3_11="3.11.0", python3="3.12.0")
    assert says in error(setup(home, "--dev", PYTHON=named))
    assert told(home) == []


def test_python_that_is_too_old_or_too_new_is_said_with_its_version(home: Path) -> None:
    programs(home, python3_11="3.11.0")
    for version in ("3.9.18", "3.14.1"):
        named = played_python(home, home / f"python-{version}", version)
        assert f"PYTHON={named} is Python {version}" in error(setup(home, "--dev", PYTHON=str(named)))


def test_the_python_of_an_environment_is_kept_until_another_is_named(home: Path) -> None:
    programs(home, python3_11="3.11.0")
    other = played_python(home, home / "other/python", "3.12.0")
    script = PYTHON.replace("*_base_executable*) exit 1 ;;", f'*_base_executable*) echo "{other}" && exit ;;')
    other.write_text(script.format(version="3.12.0", lacks="-", home=home))
    assert setup(home, "--dev", PYTHON=str(other)).returncode == 0
    (home / "told").unlink()
    assert setup(home, "--dev").returncode == 0
    assert not [line for line in told(home) if "-m venv" in line or "pip install" in line], "nothing is made anew"
    named = played_python(home, home / "third/python", "3.13.0")
    assert setup(home, "--dev", PYTHON=str(named)).returncode == 0
    assert "3.13.0 -m venv --clear .venv" in told(home)


@pytest.mark.parametrize("version", ["3.11.0", "3.14.0"])
def test_the_doctor_is_asked_by_any_python_that_is_new_enough(home: Path, version: str) -> None:
    programs(home, python3=version)
    assert setup(home, "--doctor", PYTHON="/nowhere").returncode == 0, "which is what it says"
    assert told(home)[-2:] == ["is told /nowhere", f"{version} -m cluster.doctor"]
    (home / ".venv/bin").mkdir(parents=True)
    (home / ".venv/bin/python").symlink_to("/nowhere/python")
    assert setup(home, "--doctor").returncode == 0
    played_python(home, home / "third/python", "3.12.0")
    (home / ".venv/bin/python").unlink()
    (home / ".venv/bin/python").symlink_to(home / "third/python")
    assert setup(home, "--doctor").returncode == 0
    assert told(home)[-1] == "3.12.0 -m cluster.doctor"


def test_without_such_a_python_the_doctor_cannot_be_asked(home: Path) -> None:
    programs(home, python3="3.9.2")
    assert "python3 is Python 3.9.2" in error(setup(home, "--doctor"))


def test_a_failed_installation_as_root_ends_there(home: Path) -> None:
    for name in ("apt-get", "dnf"):
        program = programs(home, python3="3.12.0") / name
        program.write_text('#!/bin/sh\necho "$0 $*"\n[ "$1" = update ]\n')
        program.chmod(0o755)
    (home / "bin/id").unlink()
    (home / "bin/id").write_text("#!/bin/sh\necho 0\n")
    (home / "bin/id").chmod(0o755)
    assert setup(home, "--install", "--dev").returncode != 0
    assert told(home) == []


def test_a_copy_of_the_folder_runs_its_own_code(tmp_path: Path) -> None:
    """With a real environment, in which only pip is played."""
    first, copy = tmp_path / "first", tmp_path / "the copy"
    shutil.copytree(ROOT / "cluster/doctor", first / "cluster/doctor")
    shutil.copy(ROOT / "setup.sh", first)
    for name in ("requirements.txt", "requirements-web.txt", "requirements-dev.txt", "cluster/__init__.py"):
        (first / name).touch()
    (first / "cluster/java.py").touch()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", first / ".venv"], check=True)
    (pip,) = (folder / "pip" for folder in (first / ".venv/lib").glob("*/site-packages"))
    pip.mkdir()
    (pip / "__main__.py").touch()
    environ = {**os.environ, "PYTHON": sys.executable}
    environ.pop("PYTHONPATH", None)
    subprocess.run(["bash", first / "setup.sh", "--dev"], env=environ, check=True)
    subprocess.run(["cp", "-a", first, copy], check=True)
    (copy / "cluster/__init__.py").write_text("home = 'copy'\n")
    shown = "import cluster; print(cluster.__file__, getattr(cluster, 'home', 'first'))"
    for folder, word in ((first, "first"), (copy, "copy")):
        command = [folder / ".venv/bin/python", "-c", shown]
        answer = subprocess.run(command, env=environ, cwd="/", capture_output=True, text=True, check=True)
        assert answer.stdout.split("\n")[0] == f"{folder}/cluster/__init__.py {word}"
