"""What is handed to Cassandra of a run's tables."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from spark_jobs.common.io import ParquetTables
from spark_jobs.common.publication import store

TRACKS, TASKS = 7, 5


def test_rows_of_a_partition_are_written_by_one_task(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(f"track-{n % TRACKS}", 1, n, "first", "last") for n in range(TRACKS * TASKS * 10)]
    schema = "track_id string, plays int, user_id int, first_name string, last_name string"
    scattered = spark.createDataFrame(rows, schema).repartition(TASKS)
    copy = tmp_path / "copy"
    assert store(spark, ParquetTables(tmp_path / "tables"), "listeners_by_track", "run-1", scattered, copy) == len(rows)
    written = spark.read.parquet(str(copy)).select("track_id", F.input_file_name().alias("task"))
    assert written.distinct().count() == TRACKS
