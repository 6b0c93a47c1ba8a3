"""Lines of tags.csv: userId, movieId, tag, timestamp; and how often each tag is used."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from domain.cleaning.tags import fold_tag
from spark_jobs.frames import written
from spark_jobs.frames.csv_lines import (
    LINE,
    Rule,
    also_rejected,
    decode_lines,
    field,
    given,
    id_rule,
    judged,
    reject_duplicates,
    reject_unknown_movies,
    time_of,
    time_rule,
    with_fields,
)

folded = F.udf(fold_tag, StringType(), useArrow=True)


def classify_tags(lines: DataFrame, layout: Layout, movies: DataFrame, until: int, partitions: int) -> DataFrame:
    """Lines to user_id, movie_id, tag (folded), tagged_at and reason; a user's first use of a tag on a movie is kept.

    The arguments are those of `classify_ratings`.
    """
    rows = _parse(with_fields(decode_lines(lines), layout), layout, until)
    first_use = [F.asc("tagged_at"), F.asc("position")]
    known = reject_unknown_movies(rows, movies)
    return judged(reject_duplicates(known, partitions, ["user_id", "movie_id", "tag"], first_use))


def _parse(rows: DataFrame, layout: Layout, until: int) -> DataFrame:
    user, movie, tag, time = (field(index) for index in range(4))
    timed = rows.withColumn("seconds", F.floor(written.seconds(time)))
    well_written = also_rejected(
        timed,
        *[
            Rule(Reason.NOT_A_NUMBER, ~F.coalesce(written.is_whole(id_), F.lit(False)), name, id_)
            for name, id_ in (("userId", user), ("movieId", movie))
        ],
        Rule(Reason.NOT_A_TIME, F.col("seconds").isNull(), "timestamp", time),
    )
    typed = well_written.select(
        *LINE,
        "cells",
        written.whole(user).cast("int").alias("user_id"),
        written.whole(movie).cast("int").alias("movie_id"),
        folded(F.coalesce(tag, F.lit(""))).alias("tag"),
        "seconds",
    )
    checked = also_rejected(
        typed,
        id_rule(F.col("user_id"), layout, "userId"),
        id_rule(F.col("movie_id"), layout, "movieId"),
        Rule(Reason.EMPTY_TAG, F.col("tag") == "", "tag", given(layout, "tag")),
        time_rule(F.col("seconds"), until, given(layout, "timestamp")),
    )
    return checked.select(*LINE, "user_id", "movie_id", "tag", time_of(F.col("seconds"), until).alias("tagged_at"))


def count_uses(tags: DataFrame) -> DataFrame:
    """How many users gave each tag to each movie: movie_id, tag, uses."""
    return tags.groupBy("movie_id", "tag").agg(F.count("*").cast("int").alias("uses"))
