"""Writing one table of a run that readers do not see yet, and making sure that it is all there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from cql import TABLES
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.tables import Tables, align

AT_ONCE = 3  # tables stored side by side: most of the time of a small one is waiting for small tasks
SAMPLE = 100  # rows compared value by value in tables with one row a partition
FEW = 8  # so many where a row may have half a megabyte; what is read has each of their names with each of their numbers
MOST = 10_000  # of one partition, the first by key: a day of song plays has a million, which a driver need not hold


def side_by_side(work: Callable[[str], int], tables: Iterable[str]) -> list[int]:
    """`work` of each table, AT_ONCE at a time; what it returned, in the order of the tables."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, tables))


def store(
    spark: SparkSession,
    tables: Tables,
    table: str,
    run_id: str,
    rows: DataFrame,
    copy: Path,
    *,
    gathered: bool = False,
) -> int:
    """Write `rows` (without run_id) to the Parquet folder `copy` and from there to the table; returns how many.

    One task sends all rows of a partition, as few writes: scattered ones would be a write each. `gathered`: it has them
    already, and they are spared the shuffle.

    Raises:
        JobError: the table does not give back what was written.
    """
    of_run = align(table, rows.withColumn("run_id", F.lit(run_id)))
    if TABLES[table].clustering_key and not gathered:
        of_run = of_run.repartition(*TABLES[table].partition_key)
    of_run.write.parquet(str(copy))
    written, source = spark.read.schema(of_run.schema).parquet(spark_path(copy)), Source(copy)
    count = source.count()
    if (sent := tables.write(spark, table, written)) != count:
        raise JobError(f"{table}: {count} rows were computed, {sent} sent. Run the job again.")
    some = source.head(_compared(table), TABLES[table].partition_key)
    check_stored(tables.read(spark, table).where(F.col("run_id") == run_id), written, some, table, count)
    return count


def _compared(table: str) -> int:
    """How many partitions are compared value by value."""
    if TABLES[table].clustering_key:
        return 1
    return FEW if any(column.type == "blob" for column in TABLES[table].columns) else SAMPLE


def check_stored(
    stored: DataFrame, written: DataFrame, partitions: list[dict[str, Any]], table: str, count: int
) -> None:
    """Compare the number of rows, and the first MOST of the partitions with these keys.

    The count passes over the keys of the table's kept runs; the sample is read by partition key.

    Raises:
        JobError: they differ.
    """
    if (found := stored.select(*TABLES[table].primary_key).count()) != count:
        raise JobError(f"{table}: {count} rows were written, {found} read back. Run the job again.")
    expected, read_back = (_rows(frame, table, partitions) for frame in (written, stored))
    if wrong := sorted(str(key[1:]) for key, row in expected.items() if read_back.get(key) != row):
        raise JobError(f"{table}: rows of {wrong[:5]} read back differ from those written. Run the job again.")


def _rows(frame: DataFrame, table: str, partitions: list[dict[str, Any]]) -> dict[tuple[Any, ...], Row]:
    """The first MOST rows of the partitions of these rows, by primary key."""
    for column in TABLES[table].partition_key:
        frame = frame.where(F.col(column).isin(list({row[column] for row in partitions})))
    key = TABLES[table].primary_key
    return {tuple(row[column] for column in key): row for row in frame.orderBy(*key).limit(MOST).collect()}
