"""Which stored data sets are deleted, and that all of their rows and no others go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, BooleanType, DataType, IntegerType, StringType, TimestampType

from cql import TABLES
from spark_jobs.movielens import old_datasets
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import ParquetTables
from tests.support.parquet import save
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


def store(tables: ParquetTables, *dataset_ids: str) -> None:
    """Three rows in each table of each data set."""
    for table in OF_DATASETS:
        schema = table_schema(table)
        rows = [
            {f.name: dataset_id if f.name == "dataset_id" else value(f.dataType, n) for f in schema.fields}
            for dataset_id in dataset_ids
            for n in range(1, 4)
        ]
        save(tables.root / table, pa.Table.from_pylist(rows, to_arrow_schema(schema)))


def stored(tables: ParquetTables, dataset_id: str) -> dict[str, int]:
    """How many rows of the data set each table has."""
    tallies = {table: Source(tables.root / table).tally("dataset_id") for table in OF_DATASETS}
    return {table: tally[dataset_id,] for table, tally in tallies.items()}


def clean(root: Path, dataset_id: str, run_id: str) -> Paths:
    paths = Paths(root)
    paths.clean.mkdir(parents=True)
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": dataset_id, "run_id": run_id}))
    return paths


def test_all_rows_of_a_data_set_are_deleted_and_no_others(spark: SparkSession, tmp_path: Path) -> None:
    tables = ParquetTables(tmp_path)
    store(tables, "old", "new")
    old_datasets.delete_dataset_rows(spark, tables, ["old"])
    assert set(stored(tables, "old").values()) == {0}
    assert set(stored(tables, "new").values()) == {3}


def test_what_people_did_is_of_no_data_set_and_never_deleted(spark: SparkSession, tmp_path: Path) -> None:
    tables = ParquetTables(tmp_path)
    store(tables, "old")
    schema = table_schema("interactions_by_user")
    row = {field.name: value(field.dataType, 1) for field in schema.fields} | {"shown_run": "old"}
    save(tables.root / "interactions_by_user", pa.Table.from_pylist([row], to_arrow_schema(schema)))
    old_datasets.delete_dataset_rows(spark, tables, ["old"])
    assert Source(tables.root / "interactions_by_user").count() == 1


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
