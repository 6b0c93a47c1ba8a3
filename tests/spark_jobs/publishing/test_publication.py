"""What is handed to Cassandra of a run's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.publishing import publication
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.tables import ParquetTables, align

USERS, TASKS = 7, 5


def test_rows_of_a_partition_are_written_by_one_task(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(n % USERS, datetime(2018, 11, 1, tzinfo=UTC), n, 1) for n in range(USERS * TASKS * 10)]
    schema = "user_id int, began_at timestamp, session_id long, plays int"
    scattered = spark.createDataFrame(rows, schema).repartition(TASKS)
    copy = tmp_path / "copy"
    assert publication.store(
        spark, ParquetTables(tmp_path / "tables"), "sessions_by_user", "run-1", scattered, copy
    ) == len(rows)
    written = spark.read.parquet(str(copy)).select("user_id", F.input_file_name().alias("task"))
    assert written.distinct().count() == USERS


@pytest.fixture
def blobs(spark: SparkSession) -> DataFrame:
    """Sixty rows of a table whose rows may be large."""
    return spark.range(60).selectExpr("'factors' AS name", "CAST(id AS INT) AS part", "CAST('x' AS BINARY) AS data")


def test_of_rows_of_half_a_megabyte_few_are_compared(
    spark: SparkSession, tmp_path: Path, blobs: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred would be a reading that a small Cassandra has no memory for."""
    compared: list[int] = []

    def note(stored: DataFrame, written: DataFrame, partitions: list[object], table: str, count: int) -> None:
        compared.append(len(partitions))

    monkeypatch.setattr(publication, "check_stored", note)
    tables = ParquetTables(tmp_path / "tables")
    assert publication.store(spark, tables, "model_parts_by_run", "run-1", blobs, tmp_path / "copy") == 60
    assert compared == [publication.FEW]


def test_bytes_that_come_back_changed_are_told_by_key(blobs: DataFrame) -> None:
    written = align("model_parts_by_run", blobs.withColumn("run_id", F.lit("run-1")))
    some = [{"run_id": "run-1", "name": "factors", "part": part} for part in range(3)]
    publication.check_stored(written, written, some, "model_parts_by_run", 60)
    changed = written.withColumn("data", F.expr("IF(part = 2, CAST('y' AS BINARY), data)"))
    with pytest.raises(JobError, match=r"rows of \[.*'factors', 2.*\] read back differ"):
        publication.check_stored(changed, written, some, "model_parts_by_run", 60)
