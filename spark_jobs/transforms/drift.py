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


def by_month(cut: DataFrame, who: str) -> DataFrame:
    """id, month (its first day), SIDE, n: the ratings by each user (`who`: user), or of each movie."""
    return cut.groupBy(F.col(f"{who}_id").alias("id"), _month(), SIDE).agg(F.count("*").alias("n"))


def counts_by_category(cut: DataFrame, of_movies: DataFrame, movies: DataFrame) -> DataFrame:
    """feature, category (text), value (the category as a number, null for genres), reference, recent (counts).

    `of_movies` is `by_month` of the movies.
    """
    wanted: list[tuple[str, Column]] = [
        ("rating", F.col("rating").cast("double")),
        ("hour", F.hour("rated_at").cast("double")),
        ("weekday", (F.dayofweek("rated_at") - 1).cast("double")),  # 0 is Sunday
    ]
    # counted first, so that few rows are multiplied and written as text
    together = cut.groupBy(SIDE, *(value.alias(name) for name, value in wanted)).agg(F.count("*").alias("n"))
    pairs = F.array(*[F.struct(F.lit(name).alias("feature"), F.col(name).alias("value")) for name, _ in wanted])
    numbers = together.select(SIDE, "n", F.explode(pairs).alias("of")).select(
        "of.feature",
        F.regexp_replace(F.col("of.value").cast("string"), r"\.0$", "").alias("category"),
        "of.value",
        SIDE,
        "n",
    )
    by_movie = of_movies.groupBy(SIDE, F.col("id").alias("movie_id")).agg(F.sum("n").alias("n"))
    genres = F.broadcast(movies.select("movie_id", "genres"))
    named = by_movie.join(genres, on="movie_id", how="inner").select(F.explode("genres").alias("category"), SIDE, "n")
    nothing = F.lit(None).cast("double").alias("value")
    texts = named.select(F.lit("genre").alias("feature"), "category", nothing, SIDE, "n")
    after = F.col(SIDE).cast("long")
    return (
        numbers.unionByName(texts)
        .groupBy("feature", "category", "value")
        .agg(F.sum((1 - after) * F.col("n")).alias("reference"), F.sum(after * F.col("n")).alias("recent"))
    )


def months(cut: DataFrame) -> DataFrame:
    """month ("2003-02"), rating, n."""
    counted = cut.groupBy(_month(), "rating").agg(F.count("*").alias("n"))
    return counted.withColumn("month", F.date_format("month", "yyyy-MM"))


def newcomers(counted: DataFrame) -> DataFrame:
    """month ("2003-02"), n: its ratings by users, or of movies, never seen before that month; of `by_month`."""
    both = counted.groupBy("id", "month").agg(F.sum("n").alias("n"))
    first = both.groupBy("id").agg(F.min(F.struct("month", "n")).alias("first"))
    found = first.groupBy("first.month").agg(F.sum("first.n").alias("n"))
    return found.withColumn("month", F.date_format("month", "yyyy-MM"))


def unknown_before(counted: DataFrame) -> DataFrame:
    """One row, n: recent ratings by users, or of movies, that have none before the cut; of `by_month`."""
    recent = F.sum(F.col(SIDE).cast("long") * F.col("n")).alias("recent")
    each = counted.groupBy("id").agg(recent, F.min(SIDE).alias("is_new"))
    return each.agg(F.sum(F.col("recent") * F.col("is_new").cast("long")).alias("n"))


def spans(cut: DataFrame) -> DataFrame:
    """SIDE, ratings, first and last (times) of each side."""
    first, last = F.min("rated_at").alias("first"), F.max("rated_at").alias("last")
    return cut.groupBy(SIDE).agg(F.count("*").alias("ratings"), first, last)


def _month() -> Column:
    """Its first day: texts are made of the counts, not of every rating."""
    return F.trunc("rated_at", "month").alias("month")
