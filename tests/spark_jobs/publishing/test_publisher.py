"""`with publisher(…)`: what readers see after each way in which its block may end, and what a kill leaves undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cql.kinds import Kind
from spark_jobs.publishing.active import active_runs
from spark_jobs.publishing.publisher import heal, publisher
from spark_jobs.publishing.retention import published
from spark_jobs.storage import folders
from spark_jobs.storage.errors import JobError, Refused
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables
from tests.support.runs import Runs, killed

TABLE = "play_figures_by_run"


class Site:
    """A kind that is published to Parquet, run by run."""

    def __init__(self, spark: SparkSession, root: Path) -> None:
        self.spark, self.paths, self.tables = spark, Paths(root / "data"), ParquetTables(root / "tables")
        self.home = Paths(root / "tables").published(Kind.SONGPLAYS)

    def publish(self, number: int, *, keep: int = 3, error: Exception | None = None) -> Run:
        run = Run("build_songplays", self.paths, {}, run_id=f"run-{number}", dataset_id="data")
        row = self.spark.createDataFrame([("plays", str(number))], "name string, data string")
        with publisher(self.spark, run, self.tables, Kind.SONGPLAYS, {TABLE: TABLE}, keep) as publication:
            (publication.folder / "own").write_text(f"of {run.run_id}, before {publication.before}")
            publication.store_all({TABLE: lambda: row})
            if error:
                raise error
        return run

    def active(self) -> str | None:
        run = active_runs(self.tables, Kind.SONGPLAYS.job).get()
        return run and run.run_id

    def stored(self) -> set[str]:
        return {row.run_id for row in self.tables.read(self.spark, TABLE).collect()}


@pytest.fixture
def site(spark: SparkSession, tmp_path: Path) -> Site:
    return Site(spark, tmp_path)


def test_a_run_is_seen_when_its_block_has_ended(site: Site) -> None:
    run = site.publish(1)
    assert (site.active(), site.stored(), run.counts) == ("run-1", {"run-1"}, {f"rows.{TABLE}": 1})
    assert (site.home / "run-1" / "own").read_text() == "of run-1, before None"
    site.publish(2)
    assert (site.active(), site.stored()) == ("run-2", {"run-1", "run-2"})
    assert (site.home / "run-2" / "own").read_text() == f"of run-2, before {site.home / 'run-1'}"


def test_what_fails_is_not_seen_and_goes_with_the_next_run(site: Site) -> None:
    site.publish(1)
    with pytest.raises(JobError, match="bad"):
        site.publish(2, error=JobError("bad"))
    assert (site.active(), site.stored(), published(site.home)) == ("run-1", {"run-1", "run-2"}, ["run-1"])
    assert [final.name for final in folders.abandoned(site.home)] == ["run-2"]
    assert site.publish(3).facts["deleted"] == ["run-2"]
    assert (site.active(), site.stored(), folders.abandoned(site.home)) == ("run-3", {"run-1", "run-3"}, [])


def test_what_is_refused_leaves_no_folder(site: Site) -> None:
    with pytest.raises(Refused, match="worse"):
        site.publish(1, error=Refused("worse"))
    assert (site.active(), list(site.home.iterdir())) == (None, [])


def test_the_last_runs_stay_and_older_ones_go_with_their_rows(site: Site) -> None:
    deleted = [site.publish(number, keep=2).facts["deleted"] for number in (1, 2, 3)]
    assert (deleted, site.stored(), published(site.home)) == (
        [[], [], ["run-1"]],
        {"run-2", "run-3"},
        ["run-3", "run-2"],
    )


@pytest.mark.parametrize("complete", [False, True], ids=["before its folder was complete", "while it made room"])
def test_an_active_run_that_was_killed_is_done_and_whole(tmp_path: Path, complete: bool) -> None:
    killed(tmp_path, "run", complete=complete)
    runs = Runs("data")
    heal(tmp_path, runs, runs.get())
    assert published(tmp_path) == ["run"]
    assert folders.abandoned(tmp_path) == []
    assert runs.statuses == {"run": "done"}


def test_a_published_run_newer_than_the_active_one_was_withdrawn(tmp_path: Path) -> None:
    for run_id in ("run-1", "run-2", "run-3"):
        (tmp_path / run_id).mkdir()
    runs = Runs("data")
    runs.served, runs.statuses = "run-2", {"run-3": "done"}  # it was at work still when `make rollback` left it
    heal(tmp_path, runs, runs.get())
    assert runs.statuses == {"run-2": "done", "run-3": "withdrawn"}


def test_without_an_active_run_nothing_is_mended(tmp_path: Path) -> None:
    killed(tmp_path, "run", complete=False)
    runs = Runs(None)
    heal(tmp_path, runs, runs.get())
    assert [final.name for final in folders.abandoned(tmp_path)] == ["run"]
    assert runs.statuses == {}
