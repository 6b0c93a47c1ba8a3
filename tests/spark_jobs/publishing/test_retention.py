"""Which runs and data sets are deleted, that all of their rows and no others go, and what a kill leaves undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import ArrayType, BooleanType, DataType, IntegerType, StringType, TimestampType

from cql import TABLES
from cql.active import ActiveRun
from cql.connect import Contact
from spark_jobs.publishing import retention
from spark_jobs.publishing.active import StoredDataset, home_of_runs
from spark_jobs.storage import folders
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import CassandraTables, ParquetTables

OF_DATASETS = sorted(name for name, table in TABLES.items() if "dataset_id" in table.partition_key)


class Runs:
    """Stands for the tables active_runs and runs_by_job."""

    job = "job"

    def __init__(self, active: str | None, *cleanings: tuple[str, str | None, str]) -> None:
        self.active, self.known = active, [StoredDataset(*cleaning) for cleaning in cleanings]
        self.marked: list[str] = []
        self.statuses: dict[str, str] = {}
        self.served = "run"

    def get(self) -> ActiveRun | None:
        return ActiveRun(self.served, self.active, datetime.now(UTC)) if self.active else None

    def mark(self, job: str, run_ids: list[str], status: str) -> None:
        self.marked += run_ids
        self.statuses |= dict.fromkeys(run_ids, status)

    def withdrawn(self) -> set[str]:
        return {run_id for run_id, status in self.statuses.items() if status == "withdrawn"}

    def cleanings(self) -> list[StoredDataset]:
        return self.known


def value(kind: DataType, number: int) -> Any:
    if isinstance(kind, ArrayType):
        return []
    if isinstance(kind, TimestampType):
        return datetime(2020, 1, 1, tzinfo=UTC)
    if isinstance(kind, BooleanType):
        return True
    return str(number) if isinstance(kind, StringType) else number if isinstance(kind, IntegerType) else float(number)


def store(spark: SparkSession, tables: ParquetTables, dataset_id: str) -> None:
    """Three rows in each table of the data set."""
    for table in OF_DATASETS:
        fields = table_schema(table).fields
        rows = [
            tuple(dataset_id if f.name == "dataset_id" else value(f.dataType, n) for f in fields) for n in range(1, 4)
        ]
        tables.write(spark, table, spark.createDataFrame(rows, table_schema(table)).coalesce(1))


def stored(spark: SparkSession, tables: ParquetTables, dataset_id: str) -> dict[str, int]:
    return {table: tables.read(spark, table).where(f"dataset_id = '{dataset_id}'").count() for table in OF_DATASETS}


def clean(root: Path, dataset_id: str, run_id: str) -> Paths:
    paths = Paths(root)
    paths.clean.mkdir(parents=True)
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": dataset_id, "run_id": run_id}))
    return paths


def of_models(paths: Paths) -> retention.Publications:
    return retention.Publications(paths.publications, {})


def test_all_rows_of_a_data_set_are_deleted_and_no_others(spark: SparkSession, tmp_path: Path) -> None:
    tables = ParquetTables(tmp_path)
    store(spark, tables, "old")
    store(spark, tables, "new")
    retention.delete_dataset_rows(spark, tables, ["old"])
    assert set(stored(spark, tables, "old").values()) == {0}
    assert set(stored(spark, tables, "new").values()) == {3}


@pytest.fixture
def deleted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Data sets of which the rows would be deleted."""
    asked: list[str] = []
    monkeypatch.setattr(retention, "delete_dataset_rows", lambda spark, tables, ids: asked.extend(sorted(ids)))
    return asked


def test_data_sets_of_kept_runs_the_active_and_the_clean_one_stay(tmp_path: Path, deleted: list[str]) -> None:
    paths = clean(tmp_path, "clean", "5")
    (paths.publications / "run-1").mkdir(parents=True)
    (paths.publications / "run-1" / "model.json").write_text(json.dumps({"dataset_id": "kept"}))
    runs = Runs(
        "active",
        ("5", "clean", "done"),
        ("4", "active", "done"),
        ("3", "kept", "done"),
        ("2", "old", "done"),
        ("1", "killed", "running"),
        ("0", "gone", "deleted"),
    )
    assert retention.delete_old_datasets(None, paths, of_models(paths), None, runs) == ["killed", "old"] == deleted
    assert sorted(runs.marked) == ["1", "2"]


def test_nothing_is_deleted_while_a_newer_cleaning_is_under_way(tmp_path: Path, deleted: list[str]) -> None:
    paths = clean(tmp_path, "clean", "5")
    runs = Runs("clean", ("6", None, "running"), ("5", "clean", "done"), ("2", "old", "done"))
    assert retention.delete_old_datasets(None, paths, of_models(paths), None, runs) == []
    assert deleted == runs.marked == []


def killed(folder: Path, run_id: str, *, complete: bool) -> None:
    """What a process leaves that was killed after the flip, before or after it had completed its folder."""
    with folders.attempt(folder / run_id):
        if complete:
            folders.complete(folder / run_id)


@pytest.mark.parametrize("complete", [False, True], ids=["before its folder was complete", "while it made room"])
def test_an_active_run_that_was_killed_is_done_and_whole(tmp_path: Path, complete: bool) -> None:
    killed(tmp_path, "run", complete=complete)
    runs = Runs("data")
    retention.heal(tmp_path, runs, runs.get())
    assert retention.published(tmp_path) == ["run"]
    assert folders.abandoned(tmp_path) == []
    assert runs.statuses == {"run": "done"}


def test_a_published_run_newer_than_the_active_one_was_withdrawn(tmp_path: Path) -> None:
    for run_id in ("run-1", "run-2", "run-3"):
        (tmp_path / run_id).mkdir()
    runs = Runs("data")
    runs.served, runs.statuses = "run-2", {"run-3": "done"}  # it was at work still when `make rollback` left it
    retention.heal(tmp_path, runs, runs.get())
    assert runs.statuses == {"run-2": "done", "run-3": "withdrawn"}


def test_withdrawn_runs_take_no_place_of_those_that_can_be_gone_back_to(tmp_path: Path) -> None:
    for number in range(1, 7):
        (tmp_path / f"run-{number}").mkdir()
    runs = Runs("data")
    runs.served, runs.statuses = "run-6", {"run-4": "withdrawn", "run-5": "withdrawn"}
    publications = retention.Publications(tmp_path, {})
    assert retention.delete_old_runs(None, publications, None, runs, 3) == ["run-1"]
    assert retention.delete_old_runs(None, publications, None, runs, 2) == ["run-4", "run-2"]
    assert retention.published(tmp_path) == ["run-6", "run-5", "run-3"]


def test_the_active_run_stays_however_old_it_is(tmp_path: Path) -> None:
    for number in range(1, 4):
        (tmp_path / f"run-{number}").mkdir()
    runs = Runs("data")
    runs.served = "run-1"
    assert retention.delete_old_runs(None, retention.Publications(tmp_path, {}), None, runs, 1) == ["run-2"]


def test_without_an_active_run_nothing_is_mended(tmp_path: Path) -> None:
    killed(tmp_path, "run", complete=False)
    runs = Runs(None)
    retention.heal(tmp_path, runs, runs.get())
    assert [final.name for final in folders.abandoned(tmp_path)] == ["run"]
    assert runs.statuses == {}


def test_runs_of_other_tables_have_folders_of_their_own(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data")
    real = home_of_runs(CassandraTables(Contact.from_env({})), paths)
    dry, other = (home_of_runs(ParquetTables(tmp_path / name), paths) for name in ("dry", "other"))
    assert real == paths
    assert dry.songplays == tmp_path / "dry" / "songplays"
    assert len({home.publications for home in (real, dry, other)}) == 3
    with pytest.raises(JobError, match="name another folder"):
        home_of_runs(ParquetTables(tmp_path / "data"), paths)
