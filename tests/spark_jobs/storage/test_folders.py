"""Folders that appear whole, also when the process that fills them is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spark_jobs.storage import folders

WRITER = """
import sys, time
from pathlib import Path
from spark_jobs.storage import folders
with folders.attempt(Path(sys.argv[1])) as folder:
    (folder / "part").write_text("half")
    print("filling", flush=True)
    time.sleep(600)
"""


def test_nothing_is_visible_before_it_is_complete(tmp_path: Path) -> None:
    final = tmp_path / "models" / "a"
    with folders.attempt(final) as folder:
        (folder / "part").write_text("x")
        assert not final.exists()
        folders.complete(final)
    assert (final / "part").read_text() == "x"
    assert [path.name for path in final.parent.iterdir()] == ["a"]


def test_an_attempt_under_way_is_not_abandoned_and_one_that_failed_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), folders.attempt(tmp_path / "a"):
        assert folders.abandoned(tmp_path) == []
        raise RuntimeError
    assert folders.abandoned(tmp_path) == [tmp_path / "a"]
    folders.discard(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_leaves_an_abandoned_attempt(tmp_path: Path) -> None:
    final = tmp_path / "a"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(final)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    with writer, writer.stdout:
        assert writer.stdout.readline() == b"filling\n"
        assert folders.abandoned(tmp_path) == []
        writer.kill()
    assert folders.abandoned(tmp_path) == [final]
    assert (folders.contents(final) / "part").read_text() == "half"
    assert not final.exists()


def folder(path: Path, content: str) -> Path:
    path.mkdir(parents=True)
    (path / "part").write_text(content)
    return path


def test_a_folder_is_replaced_in_whole(tmp_path: Path) -> None:
    final = folder(tmp_path / "clean", "old")
    folders.swap_in(folder(tmp_path / "staged", "new"), final)
    assert (final / "part").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["clean"]


def test_a_kill_between_the_two_renames_is_undone(tmp_path: Path) -> None:
    final = folder(tmp_path / "clean", "old")
    final.rename(tmp_path / ".clean.before")
    folders.recover(final)
    assert (final / "part").read_text() == "old"
