"""Writing one table of a run that readers do not see yet, and making sure that it is all there."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql import TABLES
from spark_jobs.common.errors import JobError
from spark_jobs.common.io import Tables, align

SAMPLE = 100  # rows compared value by value


def store(spark: SparkSession, tables: Tables, table: str, run_id: str, rows: DataFrame, copy: Path) -> int:
    """Write `rows` (without run_id) to the Parquet folder `copy` and from there to the table; returns how many.

    Raises:
        JobError: the table does not give back what was written.
    """
    align(table, rows.withColumn("run_id", F.lit(run_id))).write.parquet(str(copy))
    written = spark.read.parquet(str(copy))
    count = written.count()
    if (sent := tables.write(spark, table, written)) != count:
        raise JobError(f"{table}: {count} rows were computed, {sent} sent. Run the job again.")
    check_stored(tables.read(spark, table).where(F.col("run_id") == run_id), written, table, count)
    return count


def check_stored(stored: DataFrame, written: DataFrame, table: str, count: int) -> None:
    """Compare the number of rows, and the content of up to SAMPLE of them.

    The count passes over the keys of the table's kept runs; the sample is read by key.

    Raises:
        JobError: they differ.
    """
    if (found := stored.select(*TABLES[table].primary_key).count()) != count:
        raise JobError(f"{table}: {count} rows were written, {found} read back. Run the job again.")
    key = TABLES[table].primary_key[-1]
    expected = {row[key]: row for row in written.limit(SAMPLE).collect()}
    read_back = {row[key]: row for row in stored.where(F.col(key).isin(list(expected))).collect()}
    if wrong := sorted(value for value, row in expected.items() if read_back.get(value) != row):
        raise JobError(f"{table}: rows of {key} {wrong[:5]} read back differ from those written. Run the job again.")
