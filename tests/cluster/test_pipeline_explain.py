"""The plan that is printed in place of a run: verdicts by what is there and done, and that nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cluster.errors import FetchFailed
from cluster.fetch.source import DataSource
from cluster.pipeline import Progress, explain
from cluster.settings import Settings
from domain.contract.movielens import HEADERS
from domain.contract.runs import Status

FILES = tuple(f"{kind}.csv" for kind in HEADERS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A fresh copy of the project whose user has a MovieLens folder."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in FILES:
        (mine / name).write_text("header\n")
    return Settings.from_env({"HOME": str(tmp_path), "MOVIELENS_DIR": str(mine)}, tmp_path)


def explained(settings: Settings, capsys: pytest.CaptureFixture[str], if_drifted: bool = False) -> dict[str, str]:
    """The verdict on each step by its name; in front the two lines above them, joined."""
    before = sorted(settings.root.rglob("*"))
    explain(settings, in_place=True, if_drifted=if_drifted)
    assert sorted(settings.root.rglob("*")) == before
    first, second, *lines = capsys.readouterr().out.splitlines()
    verdicts = [line.split(maxsplit=2)[1:] for line in lines if not line.startswith("      ")]
    return {"": first + second, **dict(verdicts)}


def note(settings: Settings, *done: str, if_drifted: bool = False) -> None:
    """What a pipeline leaves that has failed after these steps."""
    source = DataSource("mine", settings.root / "mine", generated=False)
    for name in done:
        Progress.of(settings, source, if_drifted).add(name)


def record(settings: Settings, job: str, **more: Any) -> None:
    """A record of a run on Monday's data."""
    runs = settings.data_dir / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    written = {"job": job, "status": Status.DONE, "dataset_id": "monday", **more}
    (runs / f"{len(list(runs.iterdir()))}.json").write_text(json.dumps(written))


def test_on_a_fresh_copy_everything_will_run_or_says_why_not(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = explained(settings, capsys)
    assert f"Data: mine in {settings.root}/mine · DATA_DIR" in verdicts[""]
    assert verdicts["preprocess_movielens"].startswith("will run: cleans the raw files, merges what people rated since")
    assert verdicts["generate_sample"] == "not needed: the data are not generated ones"
    assert verdicts["build_catalogue"].startswith("not needed: the ratings are real")
    assert "CATALOGUE_DIR" in verdicts["build_catalogue"]
    assert verdicts["web"].startswith("will run")


def test_after_a_failure_it_says_what_was_done_before(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    note(settings, "preprocess_movielens", "report_quality")
    verdicts = explained(settings, capsys)
    assert verdicts["report_quality"].startswith("was done before with the same data; will run if preprocess_movielens")
    assert verdicts["preprocess_movielens"].startswith("will run: "), "it alone knows whether people have rated"
    assert verdicts["train_als"] == "will run: learns from the cleaned data"
    (settings.root / "mine" / "tags.csv").write_text("header\nmore\n")
    assert explained(settings, capsys)["report_quality"].startswith("will run")


def test_what_drift_decides_is_said_once_its_report_is_there(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(settings, capsys, if_drifted=True)["train_als"] == "decided after report_drift"
    note(settings, "preprocess_movielens", "report_quality", "report_drift", if_drifted=True)
    assert "There is no report_drift" in explained(settings, capsys, if_drifted=True)["train_als"]
    record(settings, "preprocess_movielens")
    found = {"retrain": True, "because": "the stars say so", "published": {"dataset_id": "monday"}}
    record(settings, "report_drift", facts={"drift": found})
    said = "not needed: the published model was trained on this very data set, monday"
    assert explained(settings, capsys, if_drifted=True)["publish_recommendations"] == said
    record(settings, "report_drift", facts={"drift": {**found, "published": {"dataset_id": "sunday"}}})
    assert explained(settings, capsys, if_drifted=True)["train_als"] == "will run: the stars say so"


def test_a_folder_that_lacks_something_is_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    own = Settings.from_env({**settings.environ, "SONGS_DIR": str(settings.root / "songs")}, settings.root)
    assert "is no folder. It needs song_data and log_data." in explained(own, capsys)["build_songplays"]


def test_data_that_are_not_fetched_are_named_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.from_env({"HOME": str(tmp_path)}, tmp_path)
    verdicts = explained(settings, capsys)
    assert "ml-latest-small, not fetched yet: `make setup` does it first" in verdicts[""]
    assert verdicts["preprocess_movielens"].startswith("will run")
    raw = settings.data_dir / "raw"
    DataSource("sample", raw / "sample", generated=True).save(raw)  # as `make setup` does without a network
    assert explained(settings, capsys)["generate_sample"].startswith("will run: generates the data")


def test_a_missing_source_is_the_error_of_setup(tmp_path: Path) -> None:
    settings = Settings.from_env({"HOME": str(tmp_path), "MOVIELENS_DIR": "/nowhere"}, tmp_path)
    with pytest.raises(FetchFailed, match="MOVIELENS_DIR=/nowhere does not exist"):
        explain(settings, in_place=True, if_drifted=False)


def test_reports_that_follow_the_site_are_in_the_plan(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = explained(settings, capsys)
    assert verdicts["report_drift"] == "will run: says how ratings change"
    without = Settings.from_env({**settings.environ, "LAB": "0"}, settings.root)
    assert explained(without, capsys)["report_drift"] == "not needed: LAB=0 leaves it out"
