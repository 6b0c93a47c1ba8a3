"""Ratings to measure on: of any MovieLens release as they come, or the cleaned ones.

Evaluation compares figures with those of others, so nothing is left out quietly: the first bad line ends the run.
"""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.cleaning.excerpt import excerpt
from domain.contract.movielens import Scale
from spark_jobs.frames.partitions import fixed_splits
from spark_jobs.movielens.releases import survey_release
from spark_jobs.movielens.transforms.ratings import typed_ratings
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, line_of, part_of, read_lines
from spark_jobs.storage.schemas import CLEAN


def read_ratings(spark: SparkSession, folder: Path, scale: Scale, work: Path) -> DataFrame:
    """user_id, movie_id (int), rating (float, stars), rated_at of the ratings of a release.

    `work` is a folder for plain copies of packed files, which must stay as long as the frame is used.

    Raises:
        JobError: there are none, a line does not have the four values, or a movie is rated twice by a user.
    """
    raw = survey_release(folder, work, ("ratings",))["ratings"]
    with fixed_splits(spark):
        parsed = typed_ratings(read_lines(spark, raw), raw.layout, scale).cache()
        try:
            _check_lines(folder, parsed, raw, scale)
            ratings = parsed.select(
                "user_id", "movie_id", "rating", F.timestamp_seconds("seconds").alias("rated_at")
            ).cache()
            _check_once(folder / raw.part_names[0], ratings)
        finally:
            parsed.unpersist()
    return ratings


def read_clean(spark: SparkSession, path: Path) -> DataFrame:
    """The cleaned ratings, columns as in `read_ratings`.

    Raises:
        JobError: they are missing or have other columns, such as ids of 64 bits.
    """
    ratings = Source(path).read(spark)
    wanted = [(field.name, field.dataType.simpleString()) for field in CLEAN["ratings"]]
    if ratings.dtypes != wanted:
        raise JobError(f"{path}: the columns are {ratings.dtypes}, not {wanted}: run preprocess_movielens again.")
    return ratings


def _check_lines(folder: Path, parsed: DataFrame, raw: RawFile, scale: Scale) -> None:
    first = parsed.where(F.col("fault").isNotNull()).agg(F.min(F.struct("position", "text", "fault")).alias("bad"))
    place = part_of("bad.position", raw).alias("file"), line_of("bad.position").alias("line")
    (bad,) = first.select(*place, "bad.text", "bad.fault").collect()
    if bad.fault is not None:
        told = f" ({bad.fault.field} «{bad.fault.value}»)" if bad.fault.field else ""
        low_to_high = f" Is the scale not {scale}? Say it with --scale." if "rating_" in bad.fault.reason else ""
        shown = excerpt(bad.text, bad.fault.value)
        raise JobError(
            f"{folder / bad.file}, line {bad.line}: {bad.fault.reason}{told}: '{shown}'.{low_to_high} Mend the line, or"
            " clean the folder with preprocess_movielens and evaluate without --movielens."
        )


def _check_once(path: Path, ratings: DataFrame) -> None:
    repeated = ratings.groupBy("user_id", "movie_id").count().where("count > 1").orderBy("user_id", "movie_id").first()
    if repeated is not None:
        raise JobError(
            f"{path}: user {repeated.user_id} rates movie {repeated.movie_id} {repeated['count']} times, so that a"
            " rating could be learned from and measured on. Clean the folder with preprocess_movielens first."
        )
