"""Python, Java, memory, disk and encodings, as they should be and with one fault each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cluster.doctor import machine
from cluster.doctor.line import Mark, Place
from tests.layout.tree import ROOT
from tests.support.doctor_place import place, program
from tests.support.played_docker import ENGINE, NO_ENGINE


def docker(folder: Path, script: str = ENGINE, **environ: str) -> Place:
    """A machine with a `docker` that plays an engine."""
    program(folder / "java/bin/docker", script)
    program(folder / "java/bin/docker-compose", "")
    return place(folder, **environ)


def test_the_runtime_is_told_with_what_chose_it(tmp_path: Path) -> None:
    line = machine.runtime(place(tmp_path))
    assert (line.mark, line.sentence.split(",")[0]) == (Mark.OK, "native")
    assert machine.runtime(docker(tmp_path)).sentence.startswith("docker, RUNTIME is unset")
    assert machine.runtime(docker(tmp_path, RUNTIME="native")).sentence.startswith("native, as RUNTIME says")


@pytest.mark.parametrize("script", [None, NO_ENGINE])
def test_docker_that_is_asked_for_and_away_is_wrong(tmp_path: Path, script: str | None) -> None:
    wanted = docker(tmp_path, script, RUNTIME="docker") if script else place(tmp_path, RUNTIME="docker")
    line = machine.runtime(wanted)
    assert line.mark is Mark.WRONG
    assert "RUNTIME=docker" in line.sentence
    assert machine.python(wanted).mark is Mark.OK, "what is wrong with Docker is said once"


@pytest.mark.parametrize("version", [(3, 11, 2), (3, 12, 0), (3, 13, 9)])
def test_pythons_of_the_jobs_are_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: object) -> None:
    monkeypatch.setattr(machine.sys, "version_info", version)
    assert machine.python(place(tmp_path)).mark is Mark.OK


def test_a_newer_python_will_do_for_containers_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.sys, "version_info", (3, 14, 1))
    line = machine.python(place(tmp_path))
    assert (line.mark, line.sentence[:7]) == (Mark.WRONG, "3.14.1 ")
    assert "install" in line.command
    assert machine.python(docker(tmp_path)).mark is Mark.OK


def test_a_python_without_pip_is_wrong_before_there_is_an_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    line = machine.python(place(tmp_path))
    assert (line.mark, "ensurepip" in line.sentence) == (Mark.WRONG, True)


@pytest.mark.parametrize(
    ("script", "mark", "says"),
    [
        ("echo 3.12.4", Mark.OK, "3.12.4"),
        ("echo 3.9.2", Mark.WRONG, "3.9.2"),
        ("echo 2.7.18", Mark.WRONG, "2.7.18"),
        ("echo hello", Mark.WRONG, "is no Python that starts"),
        ("exit 3", Mark.WRONG, "is no Python that starts"),
        ("printf '\\377'", Mark.WRONG, "is no Python that starts"),
        (None, Mark.WRONG, "is not there"),
    ],
)
def test_the_python_that_is_named_is_asked(tmp_path: Path, script: str | None, mark: Mark, says: str) -> None:
    named = tmp_path / "my python" / "python3"
    if script:
        program(named, script)
    line = machine.python(place(tmp_path, PYTHON=str(named)))
    assert (line.mark, f"PYTHON={named}" in line.sentence, says in line.sentence) == (mark, True, True)


def test_java_17_is_found_and_another_is_named(tmp_path: Path) -> None:
    assert machine.java(place(tmp_path)).sentence == f"Java 17 in {tmp_path}/java"
    other = place(tmp_path, JAVA_HOME=str(tmp_path / "other"))
    program(tmp_path / "other/bin/java", "echo 'openjdk version \"21.0.1\"' >&2")
    assert machine.java(other).mark is Mark.OK, "the one on the PATH is taken"


def test_without_java_17_the_way_to_it_is_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = place(tmp_path)
    program(tmp_path / "java/bin/java", "echo 'openjdk version \"21.0.1\"' >&2")
    monkeypatch.setattr("cluster.java.java_home.__defaults__", (tmp_path / "none",))
    line = machine.java(wanted)
    assert (line.mark, line.sentence) == (Mark.WRONG, f"Java 17 was not found ({tmp_path}/java is Java 21)")
    assert "openjdk" in line.command or "adoptium" in line.command
    assert machine.java(docker(tmp_path)).mark is Mark.OK


@pytest.mark.parametrize(
    ("environ", "total", "free", "mark"),
    [
        ({}, 8.0, 6.0, Mark.OK),
        ({}, 5.8, 5.0, Mark.OK),  # a machine of 6 GB
        ({}, 8.0, 2.0, Mark.LOOK),
        ({}, 4.0, 3.9, Mark.WRONG),
        ({"SIZE": "f"}, 8.0, 8.0, Mark.WRONG),
        ({"SIZE": "f"}, 15.6, 14.0, Mark.OK),
        ({"NODES": "9"}, 8.0, 8.0, Mark.WRONG),
        ({"SPARK_EXECUTOR_MEMORY": "6g"}, 8.0, 8.0, Mark.WRONG),
    ],
)
def test_memory_is_compared_with_the_data_and_the_heaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], total: float, free: float, mark: Mark
) -> None:
    monkeypatch.setattr(machine, "_memory", lambda: (total, free))
    heaps = {"SPARK_EXECUTOR_MEMORY": "1g", "SPARK_DRIVER_MEMORY": "1g"}  # else those that suit this machine
    environ = heaps | environ
    line = machine.memory(place(tmp_path, **environ))
    assert (line.mark, bool(line.command)) == (mark, mark is not Mark.OK)


def test_memory_that_our_own_services_have_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_memory", lambda: (99.0, 0.5))
    (tmp_path / "copy/.run/pids").mkdir(parents=True)
    assert machine.memory(place(tmp_path)).mark is Mark.LOOK
    (tmp_path / "copy/.run/pids/web.json").touch()
    assert machine.memory(place(tmp_path)).mark is Mark.OK


@pytest.mark.parametrize("full", ["cache", "run", "copy"])
def test_a_disk_without_room_is_named_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    wanted = place(tmp_path, CACHE_DIR=str(tmp_path / "cache"), RUN_DIR=str(tmp_path / "run"))
    for folder in ("cache", "run"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=5e9))
    assert machine.disk(wanted).mark is Mark.OK
    monkeypatch.setattr(
        machine.shutil, "disk_usage", lambda path: SimpleNamespace(free=0 if path.name == full else 5e9)
    )
    line = machine.disk(wanted)
    assert (line.mark, str(tmp_path / full) in line.sentence) == (Mark.WRONG, True)
    assert str(tmp_path / full) in line.command


@pytest.mark.parametrize(
    ("environ", "mark"),
    [
        ({"LANG": "C.UTF-8"}, "ok"),
        ({"LC_ALL": "C"}, "ok"),  # Python takes UTF-8 by itself
        ({}, "ok"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "wrong"),
        ({"PYTHONIOENCODING": "ascii"}, "wrong"),
        ({"PYTHONIOENCODING": "latin-1"}, "wrong"),
        ({"LANG": "C.UTF-8", "DATA_DIR": "/tmp/größe"}, "ok"),
        ({"LC_ALL": "POSIX", "PYTHONUTF8": "1", "MOVIELENS_DIR": "/tmp/größe"}, "wrong"),  # Java does not find it
    ],
)
def test_encodings_are_those_of_the_process(tmp_path: Path, environ: dict[str, str], mark: str) -> None:
    code = (
        "from cluster.doctor.line import Place; from cluster.doctor.machine import encodings\n"
        "from pathlib import Path\n"
        f"line = encodings(Place(Path({str(tmp_path)!r})))\n"
        "print(line.mark, ascii(line.sentence), line.command)"
    )
    given = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    answer = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    assert answer.stdout.split()[0] == mark
    assert ("export LC_ALL=C.UTF-8" in answer.stdout) == (mark == "wrong")


def test_without_proc_all_memory_counts_as_free() -> None:
    total, free = machine._memory(Path("/nowhere"))
    assert total == free > 0
    assert machine._memory()[1] < total


def test_room_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert machine.existing(tmp_path / "a/b/c") == tmp_path
    assert machine.free_gigabytes(tmp_path / "a/b") == pytest.approx(shutil.disk_usage(tmp_path).free / 1e9, rel=0.05)
