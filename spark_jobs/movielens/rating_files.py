"""Ratings of any MovieLens release as they come: CSV, `::`-separated (ML-1M, ML-10M) and tab-separated (ML-100K).

Evaluation compares figures with those of others, so nothing is left out quietly: the first bad line ends the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.movielens import HEADERS, HIGHEST, LOWEST
from spark_jobs.frames.partitions import fixed_splits
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, line_of, read_lines
from spark_jobs.storage.schemas import CLEAN

COLUMNS = ("user", "movie", "rating", "timestamp")
LARGEST_ID = 2**31 - 1  # ALS keeps ids in 32 bits


@dataclass(frozen=True)
class Form:
    """How the file of ratings of a release is written; the columns are the same four in all."""

    file: str
    separator: str
    header: str | None


FORMS = (
    Form("ratings.csv", ",", HEADERS["ratings"]),
    Form("ratings.dat", "::", None),
    Form("u.data", "\t", None),
)


def read_ratings(spark: SparkSession, folder: Path) -> DataFrame:
    """user_id, movie_id (int), rating (float, stars), rated_at of the first file of `FORMS` that `folder` has.

    Raises:
        JobError: there is none, a line does not have the four values, or a movie is rated twice by a user.
    """
    form = next((form for form in FORMS if (folder / form.file).is_file()), None)
    if form is None:
        names = ", ".join(form.file for form in FORMS)
        raise JobError(f"{folder}: none of {names} is there. Name an unpacked MovieLens folder with --movielens.")
    path = folder / form.file
    _check_header(path, form)
    raw = RawFile(form.file, (path,), (form.file,), lines=0, size=path.stat().st_size, sha256="")
    with fixed_splits(spark):
        lines = read_lines(spark, raw, first=1 if form.header is None else 2)
        text = lines.select("position", F.decode("value", "UTF-8").alias("line"))
        parsed = _parsed(text, form.separator).cache()
        try:
            _check_lines(path, parsed, form.separator)
            ratings = parsed.select(
                F.col("user").cast("int").alias("user_id"),
                F.col("movie").cast("int").alias("movie_id"),
                F.col("rating").cast("float").alias("rating"),
                F.timestamp_seconds(F.col("timestamp").cast("long")).alias("rated_at"),
            ).cache()
            _check_once(path, ratings)
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


def _check_header(path: Path, form: Form) -> None:
    if form.header is None:
        return
    with path.open("rb") as stream:
        found = stream.readline(1 << 10).decode("utf-8-sig", "replace").rstrip("\r\n")
    if found != form.header:
        raise JobError(f"{path}: line 1 is {found[:200]!r}, but must be «{form.header}».")


def _parsed(lines: DataFrame, separator: str) -> DataFrame:
    """position, line, number of values and, as text, the four COLUMNS; the separators are no patterns."""
    values = F.split(F.regexp_replace("line", "\r$", ""), separator)
    named = [F.get("values", F.lit(place)).alias(name) for place, name in enumerate(COLUMNS)]
    return lines.withColumn("values", values).select("position", "line", F.size("values").alias("found"), *named)


def _check_lines(path: Path, parsed: DataFrame, separator: str) -> None:
    bad = F.when(_problem(separator).isNotNull(), F.struct("position", "line", _problem(separator).alias("problem")))
    first = parsed.agg(F.min(bad).alias("bad")).select(
        "bad.problem", "bad.line", line_of("bad.position").alias("number")
    )
    (found,) = first.collect()
    if found.problem is not None:
        raise JobError(
            f"{path}, line {found.number}: {found.problem}: {found.line[:200]!r}. Mend the line, or clean the folder"
            " with preprocess_movielens and evaluate without --movielens."
        )


def _problem(separator: str) -> Column:
    """What is wrong with a line, null when nothing is."""
    told = F.when(
        F.col("found") != len(COLUMNS),
        F.format_string(f"%d values between {separator!r} in place of {len(COLUMNS)}", "found"),
    )
    for name in ("user", "movie"):
        told = told.when(~F.col(name).rlike(r"\A[0-9]+\z"), _about(f"the {name} id", name, "is not a whole number"))
        beyond = F.coalesce(F.col(name).cast("decimal(38,0)") > F.lit(LARGEST_ID), F.lit(True))
        told = told.when(beyond, _about(f"the {name} id", name, "does not fit 32 bits"))
    told = told.when(~F.col("rating").rlike(r"\A[0-9]+(\.[0-9]+)?\z"), _about("the rating", "rating", "is no number"))
    in_scale = F.col("rating").cast("double").between(LOWEST, HIGHEST)
    told = told.when(~in_scale, _about("the rating", "rating", f"is not within {LOWEST} … {HIGHEST} stars"))
    is_time = F.col("timestamp").rlike(r"\A[0-9]{1,12}\z")
    return told.when(~is_time, _about("the timestamp", "timestamp", "is not a number of seconds"))


def _about(what: str, column: str, fault: str) -> Column:
    return F.concat(F.lit(f"{what} "), F.col(column), F.lit(f" {fault}"))


def _check_once(path: Path, ratings: DataFrame) -> None:
    repeated = ratings.groupBy("user_id", "movie_id").count().where("count > 1").orderBy("user_id", "movie_id").first()
    if repeated is not None:
        raise JobError(
            f"{path}: user {repeated.user_id} rates movie {repeated.movie_id} {repeated['count']} times, so that a"
            " rating could be learned from and measured on. Clean the folder with preprocess_movielens first."
        )
