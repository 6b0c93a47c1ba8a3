"""The user's own folders: which files count as there, and which containers get."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.fetch.own_folder import copy_files, problem_of
from domain.contract.generated import is_marked, mark

FILES = ("titles.csv", "credits.csv")


@pytest.mark.parametrize("names", [FILES, ("TITLES.CSV", "credits.csv.gz"), ("titles.tsv", "Credits.csv.zip")])
def test_a_file_may_be_packed_or_in_upper_case(tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert problem_of("CATALOGUE_DIR", tmp_path, FILES) == ""


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "titles.csv").touch()
    assert problem_of("CATALOGUE_DIR", tmp_path, FILES) == f"CATALOGUE_DIR: {tmp_path} has no credits.csv."
    assert "is no folder. It needs titles.csv and" in problem_of("CATALOGUE_DIR", tmp_path / "none", FILES)


def test_all_that_jobs_read_is_copied(tmp_path: Path) -> None:
    read = [
        *("titles.csv", "CREDITS.CSV.gz", "log_data/2018/a.JSON", "log_data/b.jsonl", "song_data/c.ndjson.bz2"),
        *("song_data/d.json.zip", "credits.csv/part-00000", "titles.tsv.xz"),
    ]
    for name in [*read, "film.mkv", "notes.pdf"]:
        path = tmp_path / "own" / name
        if name.startswith("credits.csv/"):
            path = tmp_path / "own" / "below" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    copy_files(tmp_path / "own", tmp_path / "copy")
    copied = {path.read_text() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert copied == set(read)
    assert not is_marked(tmp_path / "copy")
    mark(tmp_path / "own", "generate_catalogue")
    copy_files(tmp_path / "own", tmp_path / "copy")
    assert is_marked(tmp_path / "copy")
