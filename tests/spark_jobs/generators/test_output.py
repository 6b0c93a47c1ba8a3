"""Folders that generators make."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_jobs.generators.output import replacing
from spark_jobs.storage.errors import JobError


def made(out: Path, text: str) -> None:
    with replacing(out, "sample", "truth") as staged:
        (staged / "truth").mkdir(parents=True)
        (staged / "movies.csv").write_text(text)


def test_a_folder_takes_the_place_of_an_earlier_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    made(tmp_path / "raw/sample", "first")
    made(tmp_path / "raw/sample", "second")
    assert (tmp_path / "raw/sample/movies.csv").read_text() == "second"
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["sample"]


def test_a_folder_that_is_no_sample_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("mine")
    with pytest.raises(JobError, match="not a generated sample"):
        made(tmp_path, "generated")
    assert (tmp_path / "movies.csv").read_text() == "mine"


def test_what_a_failed_run_left_is_cleared_away_and_never_seen(tmp_path: Path) -> None:
    out = tmp_path / "sample"
    made(out, "whole")
    with pytest.raises(OSError, match="no room"), replacing(out, "sample", "truth") as staged:
        staged.mkdir()
        (staged / "ratings.csv").write_text("half")
        raise OSError("no room")
    assert (out / "movies.csv").read_text() == "whole"
    made(out, "again")
    assert sorted(path.name for path in out.iterdir()) == ["movies.csv", "truth"]
