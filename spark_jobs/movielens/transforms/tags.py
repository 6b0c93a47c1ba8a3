"""Lines of tags.csv: userId, movieId, tag, timestamp; and how often each tag is used."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from domain.cleaning.reasons import Reason
from domain.cleaning.tags import fold_tag
from spark_jobs.frames.csv_lines import (
    also_rejected,
    decode_lines,
    field,
    is_id,
    is_plausible_time,
    is_whole,
    reject_duplicates,
    reject_unknown_movies,
    time_of,
    with_fields,
)

_folded = F.udf(fold_tag, StringType(), useArrow=True)


def classify_tags(lines: DataFrame, movies: DataFrame, until: int, partitions: int) -> DataFrame:
    """Lines to user_id, movie_id, tag (folded), tagged_at and reason; a user's first use of a tag on a movie is kept.

    The arguments are those of `classify_ratings`.
    """
    rows = _parse(with_fields(decode_lines(lines), 4), until)
    first_use = [F.asc("tagged_at"), F.asc("position")]
    known = reject_unknown_movies(rows, movies)
    return reject_duplicates(known, partitions, ["user_id", "movie_id", "tag"], first_use)


def _parse(rows: DataFrame, until: int) -> DataFrame:
    user, movie, tag, time = (field(index) for index in range(4))
    written = is_whole(user) & is_whole(movie) & is_whole(time)
    typed = also_rejected(rows, (Reason.NOT_A_NUMBER, ~written)).select(
        "position",
        "text",
        "reason",
        user.cast("int").alias("user_id"),
        movie.cast("int").alias("movie_id"),
        _folded(F.coalesce(tag, F.lit(""))).alias("tag"),
        time.cast("long").alias("time"),
    )
    checked = also_rejected(
        typed,
        (Reason.ID_OUT_OF_RANGE, ~(is_id(F.col("user_id")) & is_id(F.col("movie_id")))),
        (Reason.EMPTY_TAG, F.col("tag") == ""),
        (Reason.TIME_OUT_OF_RANGE, ~is_plausible_time(F.col("time"), until)),
    )
    return checked.withColumn("tagged_at", time_of(F.col("time"), until)).drop("time")


def count_uses(tags: DataFrame) -> DataFrame:
    """How many users gave each tag to each movie: movie_id, tag, uses."""
    return tags.groupBy("movie_id", "tag").agg(F.count("*").cast("int").alias("uses"))
