"""Counts of ratings before and after a cut, by everything that may drift."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

SIDE = "recent"  # boolean column: after the cut


def ratings_by_day(ratings: DataFrame) -> DataFrame:
    """day, n."""
    return ratings.groupBy(F.to_date("rated_at").alias("day")).agg(F.count("*").alias("n"))


def ratings_by_second(ratings: DataFrame, day: datetime) -> DataFrame:
    """rated_at, n of one day."""
    of_day = ratings.where(F.to_date("rated_at") == F.lit(day))
    return of_day.groupBy("rated_at").agg(F.count("*").alias("n"))


def cut_at(ratings: DataFrame, second: datetime, ties_before: int) -> DataFrame:
    """`ratings` with SIDE: recent is what came after `second`, and of that second all but the first `ties_before`.

    Ratings of one second are in the order of users and movies.
    """
    tied = ratings.where(F.col("rated_at") == F.lit(second))
    in_order = F.row_number().over(Window.orderBy("user_id", "movie_id"))
    return (
        ratings.where(F.col("rated_at") != F.lit(second))
        .withColumn(SIDE, F.col("rated_at") > F.lit(second))
        .unionByName(tied.withColumn(SIDE, in_order > ties_before))
    )


def cut_by_hash(ratings: DataFrame, share: float, seed: int) -> DataFrame:
    """`ratings` with SIDE by a hash of user and movie: a split without any drift."""
    draw = F.pmod(F.xxhash64(F.lit(seed), "user_id", "movie_id"), F.lit(1 << 32)) / float(1 << 32)
    return ratings.withColumn(SIDE, draw >= share)


def counts_by_category(cut: DataFrame, movies: DataFrame) -> DataFrame:
    """feature, category (text), value (the category as a number, null for genres), reference, recent (counts)."""
    wanted: list[tuple[str, Column]] = [
        ("rating", F.col("rating").cast("double")),
        ("hour", F.hour("rated_at").cast("double")),
        ("weekday", (F.dayofweek("rated_at") - 1).cast("double")),  # 0 is Sunday
    ]
    pairs = F.array(*[F.struct(F.lit(name).alias("feature"), value.alias("value")) for name, value in wanted])
    numbers = cut.select(SIDE, F.explode(pairs).alias("of")).select(
        "of.feature",
        F.regexp_replace(F.col("of.value").cast("string"), r"\.0$", "").alias("category"),
        "of.value",
        SIDE,
    )
    genres = F.broadcast(movies.select("movie_id", "genres"))
    named = cut.join(genres, on="movie_id", how="inner").select(F.explode("genres").alias("category"), SIDE)
    texts = named.select(F.lit("genre").alias("feature"), "category", F.lit(None).cast("double").alias("value"), SIDE)
    after = F.col(SIDE).cast("long")
    return (
        numbers.unionByName(texts)
        .groupBy("feature", "category", "value")
        .agg(F.sum(1 - after).alias("reference"), F.sum(after).alias("recent"))
    )


def months(cut: DataFrame) -> DataFrame:
    """month ("2003-02"), rating, n, ratings of users and of movies that were never seen before that month."""
    month = F.date_format("rated_at", "yyyy-MM")
    firsts = cut.withColumn("month", month)
    for who in ("user", "movie"):
        first = firsts.groupBy(f"{who}_id").agg(F.min("month").alias(f"first_{who}"))
        firsts = firsts.join(first, on=f"{who}_id", how="inner")
    return firsts.groupBy("month", "rating").agg(
        F.count("*").alias("n"),
        F.sum((F.col("first_user") == F.col("month")).cast("long")).alias("by_new_users"),
        F.sum((F.col("first_movie") == F.col("month")).cast("long")).alias("of_new_movies"),
    )


def unknown_before(cut: DataFrame) -> DataFrame:
    """One row: recent ratings by users, and of movies, that have none before the cut, and all recent ones."""
    for who in ("user", "movie"):
        seen = cut.groupBy(f"{who}_id").agg(F.min(SIDE).alias(f"{who}_is_new"))
        cut = cut.join(seen, on=f"{who}_id", how="inner")
    return cut.where(SIDE).agg(
        F.count("*").alias("ratings"),
        F.sum(F.col("user_is_new").cast("long")).alias("by_new_users"),
        F.sum(F.col("movie_is_new").cast("long")).alias("of_new_movies"),
    )


def spans(cut: DataFrame) -> DataFrame:
    """SIDE, ratings, first and last (times) of each side."""
    first, last = F.min("rated_at").alias("first"), F.max("rated_at").alias("last")
    return cut.groupBy(SIDE).agg(F.count("*").alias("ratings"), first, last)
