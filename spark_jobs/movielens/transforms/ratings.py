"""Lines of ratings.csv: userId, movieId, rating, timestamp."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from domain.contract.movielens import LISTED, Scale
from spark_jobs.frames.arrow_lists import in_blocks
from spark_jobs.frames.csv_lines import (
    DECIMAL,
    LINE,
    TIME,
    WHOLE,
    Rule,
    also_rejected,
    field,
    given,
    id_rule,
    judged,
    reject_duplicates,
    reject_unknown_movies,
    time_of,
    time_rule,
    with_number_fields,
)

BATCH = 1000  # rows of lists that a task hands over at once
BLOCKS = "user_id int, block int, movie_ids array<int>, ratings array<float>, rated_at array<timestamp>"


def classify_ratings(
    lines: DataFrame, layout: Layout, scale: Scale, movies: DataFrame, until: int, partitions: int
) -> DataFrame:
    """Lines to user_id, movie_id, rating, rated_at and reason; of one user's ratings of a movie the latest is kept.

    Args:
        lines: position and value, as raw_files reads them.
        layout: of the lines.
        scale: what a rating may be.
        movies: the clean movies.
        until: seconds since 1970; later ratings are rejected.
        partitions: of the result; all accepted ratings of a user are in one.
    """
    typed = typed_ratings(lines, layout, scale)
    seconds = F.col("seconds")
    timed = also_rejected(typed, time_rule(seconds, until, F.col("time_given")))
    rows = timed.select(*LINE, "user_id", "movie_id", "rating", time_of(seconds, until).alias("rated_at"))
    latest_first = [F.desc("rated_at"), F.desc("position")]
    known = reject_unknown_movies(rows, movies)
    return judged(reject_duplicates(known, partitions, ["user_id", "movie_id"], latest_first))


def typed_ratings(lines: DataFrame, layout: Layout, scale: Scale) -> DataFrame:
    """Lines to user_id, movie_id, rating (float, stars), seconds (long, since 1970), time_given (text) and fault."""
    rows = with_number_fields(lines, layout, WHOLE, WHOLE, DECIMAL, TIME)
    user, movie, stars = field(0).cast("int"), field(1).cast("int"), field(2).cast("double")
    checked = also_rejected(
        rows,
        id_rule(user, layout, "userId"),
        id_rule(movie, layout, "movieId"),
        *star_rules(stars, scale, given(layout, "rating")),
    )
    return checked.select(
        *LINE,
        user.alias("user_id"),
        movie.alias("movie_id"),
        stars.cast("float").alias("rating"),
        field(3).cast("long").alias("seconds"),
        given(layout, "timestamp").alias("time_given"),
    )


def star_rules(stars: Column, scale: Scale, text: Column) -> tuple[Rule, Rule]:
    """Reject stars (double) that are not of the scale; `text` is how they are written."""
    steps = (stars - scale.lowest) / scale.step
    return (
        Rule(Reason.RATING_OUT_OF_RANGE, ~stars.between(scale.lowest, scale.highest), "rating", text),
        Rule(Reason.RATING_NOT_A_HALF_STEP, F.abs(steps - F.round(steps)) > 1e-6, "rating", text),
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
