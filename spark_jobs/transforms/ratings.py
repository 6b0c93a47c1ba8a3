"""Lines of ratings.csv: userId, movieId, rating, timestamp."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.reasons import Reason
from spark_jobs.transforms.csv_lines import (
    also_rejected,
    decode_lines,
    field,
    is_decimal,
    is_id,
    is_plausible_time,
    is_whole,
    reject_duplicates,
    reject_unknown_movies,
    time_of,
    with_number_fields,
)

LOWEST, HIGHEST = 0.5, 5.0  # stars


def classify_ratings(lines: DataFrame, movies: DataFrame, until: int, partitions: int) -> DataFrame:
    """Lines to user_id, movie_id, rating, rated_at and reason; of one user's ratings of a movie the latest is kept.

    Args:
        lines: position and value, as raw_files reads them.
        movies: the clean movies.
        until: seconds since 1970; later ratings are rejected.
        partitions: of the result; all accepted ratings of a user are in one.
    """
    rows = _parse(with_number_fields(decode_lines(lines), 4), until)
    latest_first = [F.desc("rated_at"), F.desc("position")]
    return reject_duplicates(reject_unknown_movies(rows, movies), partitions, ["user_id", "movie_id"], latest_first)


def _parse(rows: DataFrame, until: int) -> DataFrame:
    user, movie, rating, time = (field(index) for index in range(4))
    written = is_whole(user) & is_whole(movie) & is_decimal(rating) & is_whole(time)
    typed = also_rejected(rows, (Reason.NOT_A_NUMBER, ~written)).select(
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
