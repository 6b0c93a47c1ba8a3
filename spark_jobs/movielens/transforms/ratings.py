"""Lines of ratings.csv: userId, movieId, rating, timestamp."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.cleaning.reasons import Reason
from domain.contract.movielens import HIGHEST, LISTED, LOWEST
from spark_jobs.frames.arrow_lists import in_blocks
from spark_jobs.frames.csv_lines import (
    DECIMAL,
    WHOLE,
    also_rejected,
    field,
    is_id,
    is_plausible_time,
    reject_duplicates,
    reject_unknown_movies,
    time_of,
    with_number_fields,
)

BATCH = 1000  # rows of lists that a task hands over at once
BLOCKS = "user_id int, block int, movie_ids array<int>, ratings array<float>, rated_at array<timestamp>"


def classify_ratings(lines: DataFrame, movies: DataFrame, until: int, partitions: int) -> DataFrame:
    """Lines to user_id, movie_id, rating, rated_at and reason; of one user's ratings of a movie the latest is kept.

    Args:
        lines: position and value, as raw_files reads them.
        movies: the clean movies.
        until: seconds since 1970; later ratings are rejected.
        partitions: of the result; all accepted ratings of a user are in one.
    """
    rows = _parse(with_number_fields(lines, WHOLE, WHOLE, DECIMAL, WHOLE), until)
    latest_first = [F.desc("rated_at"), F.desc("position")]
    return reject_duplicates(reject_unknown_movies(rows, movies), partitions, ["user_id", "movie_id"], latest_first)


def _parse(rows: DataFrame, until: int) -> DataFrame:
    user, movie, rating, time = (field(index) for index in range(4))
    typed = rows.select(
        "position",
        "text",
        "reason",
        user.cast("int").alias("user_id"),
        movie.cast("int").alias("movie_id"),
        rating.cast("double").alias("stars"),
        time.cast("long").alias("time"),
    )
    checked = also_rejected(
        typed,
        (Reason.ID_OUT_OF_RANGE, ~(is_id(F.col("user_id")) & is_id(F.col("movie_id")))),
        (Reason.RATING_OUT_OF_RANGE, ~F.col("stars").between(LOWEST, HIGHEST)),
        (Reason.RATING_NOT_A_HALF_STEP, F.col("stars") * 2 % 1 != 0),
        (Reason.TIME_OUT_OF_RANGE, ~is_plausible_time(F.col("time"), until)),
    )
    return checked.select(
        "position",
        "text",
        "reason",
        "user_id",
        "movie_id",
        F.col("stars").cast("float").alias("rating"),
        time_of(F.col("time"), until).alias("rated_at"),
    )


def ratings_by_user(ratings: DataFrame) -> DataFrame:
    """The rows of ratings_by_user without dataset_id: of each user blocks of `LISTED` ratings, newest first.

    Of ratings of one moment the lower movie id is first. A task holds its ratings in arrays: as lists of structs they
    would take Spark several times as long.
    """

    def listed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if rows := list(batches):
            yield from _blocks(pa.Table.from_batches(rows)).to_batches(BATCH)

    columns = ("user_id", "movie_id", "rating", "rated_at")
    return ratings.select(*columns).repartition("user_id").mapInArrow(listed, BLOCKS)


def _blocks(ratings: pa.Table) -> pa.Table:
    moments = ratings["rated_at"].cast(pa.int64()).to_numpy()
    order = np.lexsort((ratings["movie_id"].to_numpy(), -moments, ratings["user_id"].to_numpy()))
    columns = {"movie_ids": "movie_id", "ratings": "rating", "rated_at": "rated_at"}
    return in_blocks(ratings, "user_id", order, LISTED, columns)
