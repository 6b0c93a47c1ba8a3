"""What is handed to Cassandra of a run's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from spark_jobs.publishing.publication import store
from spark_jobs.storage.tables import ParquetTables

USERS, TASKS = 7, 5


def test_rows_of_a_partition_are_written_by_one_task(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(n % USERS, datetime(2018, 11, 1, tzinfo=UTC), n, 1) for n in range(USERS * TASKS * 10)]
    schema = "user_id int, began_at timestamp, session_id long, plays int"
    scattered = spark.createDataFrame(rows, schema).repartition(TASKS)
    copy = tmp_path / "copy"
    assert store(spark, ParquetTables(tmp_path / "tables"), "sessions_by_user", "run-1", scattered, copy) == len(rows)
    written = spark.read.parquet(str(copy)).select("user_id", F.input_file_name().alias("task"))
    assert written.distinct().count() == USERS
