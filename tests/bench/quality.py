"""A scan for data quality beside reading the rows alone, and 38 checks beside cuallee's on the same table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from cuallee import Check, CheckLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.quality.scan import Scanned, Table, Wanted, parquet_files, scan
from spark_jobs.storage.parquet import Source
from tests.bench.side_by_side import Comparison, compare, seconds

ROWS, COLUMNS = 500_000, 19


def bench(spark: SparkSession, clean: Path, turns: int) -> Iterator[Comparison]:
    """Seconds of a scan of the cleaned ratings with key and reference, and of 38 checks of 500,000 × 19 values."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=clean.parent) as work:
        yield _beside_reading(spark, clean, turns)
        yield _beside_cuallee(spark, Path(work) / "wide", turns)


def _beside_reading(spark: SparkSession, clean: Path, turns: int) -> Comparison:
    ratings = Source(clean / "ratings").read(spark)
    movies = Source(clean / "movies").read(spark).select("movie_id").collect()
    parents = {"movie_id": pa.array([row.movie_id for row in movies], pa.int32())}
    table = Table("ratings", ratings, parquet_files(clean / "ratings"))
    wanted = Wanted(tuple(ratings.columns), (("user_id", "movie_id"),), parents)

    def ours() -> float:
        return seconds(lambda: scan(spark, table, wanted))

    def theirs() -> float:
        return seconds(lambda: _read(ratings))

    _read(ratings)  # both find the files in memory
    name = f"quality: {ratings.count():,} ratings, reading ÷ scan"
    return compare(name, ours, theirs, turns)


def _beside_cuallee(spark: SparkSession, folder: Path, turns: int) -> Comparison:
    """Is every column complete, and is every one unique: ours from the counts, both exact."""
    _wide(spark).write.parquet(str(folder))
    frame = spark.read.parquet(str(folder))
    keys = tuple((name,) for name in frame.columns)
    table, wanted = Table("wide", frame, parquet_files(folder)), Wanted(tuple(frame.columns), keys)
    found: list[dict[str, bool]] = [{}, {}]

    def ours() -> float:
        def run() -> None:
            found[0] = _answers(scan(spark, table, wanted))

        return seconds(run)

    def theirs() -> float:
        def run() -> None:
            check = Check(CheckLevel.WARNING, "bench")
            for name in frame.columns:
                check.is_complete(name).is_unique(name)
            rows = check.validate(frame).collect()
            found[1] = {f"{row.rule} {row.column}": row.status == "PASS" for row in rows}

        return seconds(run)

    compared = compare(f"quality: 38 checks of {ROWS:,} × {COLUMNS}, cuallee ÷ ours", ours, theirs, turns)
    assert found[0] == found[1], "the two do not answer alike"
    return compared


def _answers(found: Scanned) -> dict[str, bool]:
    complete = {f"is_complete {name}": part.missing == 0 for name, part in found.columns.items()}
    return complete | {f"is_unique {key[0]}": count.surplus == 0 for key, count in found.keys.items()}


def _wide(spark: SparkSession) -> DataFrame:
    """Whole numbers, numbers, texts and times; columns 0, 4, 8, … unique, 3, 7, 11, … with nulls.

    None is both: for cuallee a column with a null is not unique, for us it may be.
    """
    row = F.col("id")
    columns = []
    for at in range(COLUMNS):
        value = row if at % 4 == 0 else F.pmod(F.xxhash64(row, F.lit(at)), F.lit(10 ** (1 + at % 6)))
        kind = ("bigint", "double", "string", "timestamp")[at // 4 % 4]
        value = value.cast(kind) if kind != "timestamp" else F.timestamp_seconds(value)
        columns.append(F.when(row % 1000 != 7, value).alias(f"c{at}") if at % 4 == 3 else value.alias(f"c{at}"))
    return spark.range(0, ROWS, 1, spark.sparkContext.defaultParallelism * 2).select(*columns)


def _read(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()
