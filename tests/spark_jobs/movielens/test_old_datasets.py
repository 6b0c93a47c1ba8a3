"""Which stored data sets are deleted, and that all of their rows and no others go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import ArrayType, BooleanType, DataType, IntegerType, StringType, TimestampType

from cql import TABLES
from spark_jobs.movielens import old_datasets
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import ParquetTables
from tests.support.runs import Runs

OF_DATASETS = sorted(name for name, table in TABLES.items() if "dataset_id" in table.partition_key)


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


def test_all_rows_of_a_data_set_are_deleted_and_no_others(spark: SparkSession, tmp_path: Path) -> None:
    tables = ParquetTables(tmp_path)
    store(spark, tables, "old")
    store(spark, tables, "new")
    old_datasets.delete_dataset_rows(spark, tables, ["old"])
    assert set(stored(spark, tables, "old").values()) == {0}
    assert set(stored(spark, tables, "new").values()) == {3}


@pytest.fixture
def deleted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Data sets of which the rows would be deleted."""
    asked: list[str] = []
    monkeypatch.setattr(old_datasets, "delete_dataset_rows", lambda spark, tables, ids: asked.extend(sorted(ids)))
    return asked


def test_data_sets_of_kept_runs_the_active_and_the_clean_one_stay(tmp_path: Path, deleted: list[str]) -> None:
    paths = clean(tmp_path, "clean", "5")
    runs = Runs(
        "active",
        ("5", "clean", "done"),
        ("4", "active", "done"),
        ("3", "kept", "done"),
        ("2", "old", "done"),
        ("1", "killed", "running"),
        ("0", "gone", "deleted"),
    )
    assert old_datasets.delete_old_datasets(None, paths, ["kept"], None, runs) == ["killed", "old"] == deleted
    assert sorted(runs.marked) == ["1", "2"]


def test_nothing_is_deleted_while_a_newer_cleaning_is_under_way(tmp_path: Path, deleted: list[str]) -> None:
    paths = clean(tmp_path, "clean", "5")
    runs = Runs("clean", ("6", None, "running"), ("5", "clean", "done"), ("2", "old", "done"))
    assert old_datasets.delete_old_datasets(None, paths, [], None, runs) == []
    assert deleted == runs.marked == []
