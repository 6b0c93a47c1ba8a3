"""Counts of ratings before and after a cut, by everything that may drift."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SIDE = "recent"  # boolean column: after the cut


def ratings_by_day(ratings: DataFrame) -> DataFrame:
    """day, n."""
    return ratings.groupBy(F.to_date("rated_at").alias("day")).agg(F.count("*").alias("n"))


def ratings_by_second(ratings: DataFrame, day: datetime) -> DataFrame:
    """rated_at, n of one day."""
    of_day = ratings.where(F.to_date("rated_at") == F.lit(day))
    return of_day.groupBy("rated_at").agg(F.count("*").alias("n"))


def in_second(ratings: DataFrame, second: datetime) -> DataFrame:
    """The ratings of one second in the order of users and movies."""
    return ratings.where(F.col("rated_at") == F.lit(second)).orderBy("user_id", "movie_id")


def cut_at(ratings: DataFrame, second: datetime, last: tuple[int, int] | None) -> DataFrame:
    """`ratings` with SIDE: recent is what came after `second`, and of that second what comes after `last`.

    `last` is a user and a movie, in the order of `in_second`; without it all of that second is recent.
    """
    at = F.col("rated_at")
    if last is None:
        return ratings.withColumn(SIDE, at >= F.lit(second))
    user, movie = last
    after = (F.col("user_id") > user) | ((F.col("user_id") == user) & (F.col("movie_id") > movie))
    return ratings.withColumn(SIDE, (at > F.lit(second)) | ((at == F.lit(second)) & after))


def cut_by_hash(ratings: DataFrame, share: float, seed: int) -> DataFrame:
    """`ratings` with SIDE by a hash of user and movie: a split without any drift."""
    draw = F.pmod(F.xxhash64(F.lit(seed), "user_id", "movie_id"), F.lit(1 << 32)) / float(1 << 32)
    return ratings.withColumn(SIDE, draw >= share)


def by_value(cut: DataFrame) -> DataFrame:
    """SIDE, rating, hour, weekday (0 is Sunday), n, first and last (times): few rows of however many ratings."""
    hour, weekday = F.hour("rated_at").alias("hour"), (F.dayofweek("rated_at") - 1).alias("weekday")
    first, last = F.min("rated_at").alias("first"), F.max("rated_at").alias("last")
    return cut.groupBy(SIDE, "rating", hour, weekday).agg(F.count("*").alias("n"), first, last)


def by_id(cut: DataFrame, who: str) -> DataFrame:
    """id, began (the first day of its first month), reference and recent (counts): of the users, or of the movies."""
    after = F.col(SIDE).cast("long")
    return cut.groupBy(F.col(f"{who}_id").alias("id")).agg(
        F.min(_month()).alias("began"), F.sum(1 - after).alias("reference"), F.sum(after).alias("recent")
    )


def counts_by_category(of_values: DataFrame, of_movies: DataFrame, movies: DataFrame) -> DataFrame:
    """feature, category (text), value (the category as a number, null for genres), reference, recent (counts).

    `of_values` and `of_movies` are `by_value` and `by_id`.
    """
    names = ("rating", "hour", "weekday")
    pairs = [F.struct(F.lit(name).alias("feature"), F.col(name).cast("double").alias("value")) for name in names]
    after = F.col(SIDE).cast("long") * F.col("n")
    numbers = of_values.select(
        (F.col("n") - after).alias("reference"), after.alias("recent"), F.explode(F.array(*pairs)).alias("of")
    ).select(
        "of.feature",
        F.regexp_replace(F.col("of.value").cast("string"), r"\.0$", "").alias("category"),
        "of.value",
        "reference",
        "recent",
    )
    genres = F.broadcast(movies.select(F.col("movie_id").alias("id"), "genres"))
    texts = of_movies.join(genres, on="id", how="inner").select(
        F.lit("genre").alias("feature"),
        F.explode("genres").alias("category"),
        F.lit(None).cast("double").alias("value"),
        "reference",
        "recent",
    )
    sums = F.sum("reference").alias("reference"), F.sum("recent").alias("recent")
    return numbers.unionByName(texts).groupBy("feature", "category", "value").agg(*sums)


def months(cut: DataFrame, of_users: DataFrame, of_movies: DataFrame) -> DataFrame:
    """month ("2003-02"), rating, n, by_new_users and of_new_movies: ratings by and of those that began in that month.

    `of_users` and `of_movies` are `by_id`.
    """
    rated = cut.select("user_id", "movie_id", "rating", _month())
    for who, ids in (("user", of_users), ("movie", of_movies)):
        began = ids.select(F.col("id").alias(f"{who}_id"), F.col("began").alias(f"{who}_began"))
        rated = rated.join(F.broadcast(began), on=f"{who}_id", how="inner")
    counted = rated.groupBy("month", "rating").agg(
        F.count("*").alias("n"),
        F.count_if(F.col("user_began") == F.col("month")).alias("by_new_users"),
        F.count_if(F.col("movie_began") == F.col("month")).alias("of_new_movies"),
    )
    return counted.withColumn("month", F.date_format("month", "yyyy-MM"))


def unknown_before(of_ids: DataFrame) -> DataFrame:
    """One row, n: recent ratings by users, or of movies, that have none before the cut; of `by_id`."""
    return of_ids.agg(F.sum(F.when(F.col("reference") == 0, F.col("recent")).otherwise(0)).alias("n"))


def spans(of_values: DataFrame) -> DataFrame:
    """SIDE, ratings, first and last (times) of each side; of `by_value`."""
    first, last = F.min("first").alias("first"), F.max("last").alias("last")
    return of_values.groupBy(SIDE).agg(F.sum("n").alias("ratings"), first, last)


def _month() -> Column:
    """Its first day: texts are made of the counts, not of every rating."""
    return F.trunc("rated_at", "month").alias("month")
