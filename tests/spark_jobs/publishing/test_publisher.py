"""`with publisher(…)`: what readers see after each way in which its block may end, and what a kill leaves undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from cql.kinds import Kind
from spark_jobs.publishing.active import FileActiveRuns, active_runs
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

    def publish(
        self, number: int, *, keep: int = 3, error: Exception | None = None, tables: ParquetTables | None = None
    ) -> Run:
        run = Run("build_songplays", self.paths, {}, run_id=f"run-{number}", dataset_id="data")
        row = self.spark.createDataFrame([("plays", str(number))], "name string, data string")
        copies = {TABLE: TABLE}
        with publisher(self.spark, run, tables or self.tables, Kind.SONGPLAYS, copies, keep) as publication:
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


class LosingTables(ParquetTables):
    """Tables that keep their rows to themselves."""

    def read(self, spark: SparkSession, table: str) -> DataFrame:
        return super().read(spark, table).limit(0)


def test_rows_that_are_not_read_back_are_not_shown(site: Site) -> None:
    with pytest.raises(JobError, match="1 rows were written, 0 read back"):
        site.publish(1, tables=LosingTables(site.tables.root))
    assert (site.active(), published(site.home)) == (None, [])


def test_a_run_of_cassandras_is_not_deleted_by_a_dry_run(site: Site) -> None:
    real = site.paths.published(Kind.SONGPLAYS) / "run-0"
    real.mkdir(parents=True)
    site.publish(1, keep=1)
    site.publish(2, keep=1)
    assert list(site.paths.published(Kind.SONGPLAYS).iterdir()) == [real]


def test_of_two_publishers_at_once_the_second_loses_and_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    flip = FileActiveRuns.flip

    def overtaken(runs: FileActiveRuns, *arguments: Any) -> None:
        monkeypatch.setattr(FileActiveRuns, "flip", flip)
        site.publish(2)
        flip(runs, *arguments)

    monkeypatch.setattr(FileActiveRuns, "flip", overtaken)
    with pytest.raises(JobError, match="Another run was published"):
        site.publish(1)
    assert (site.active(), published(site.home)) == ("run-2", ["run-2"])


def test_a_kill_between_flip_and_the_end_is_mended_by_the_next_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(folders, "complete", lambda final: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            site.publish(1)
    assert (site.active(), published(site.home)) == ("run-1", [])
    site.publish(2)
    assert (published(site.home), site.stored()) == (["run-2", "run-1"], {"run-1", "run-2"})


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
