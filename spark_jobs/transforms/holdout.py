"""The hold-out: ratings that no model is trained on, the same ones whatever the partitioning."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def split_holdout(ratings: DataFrame, share: float, seed: int, by: str = "user_id") -> tuple[DataFrame, DataFrame]:
    """Training part and hold-out of `ratings` (user_id, movie_id, …), both with its columns.

    Of each user's n ratings (each movie's, `by` movie_id) the floor(share · n) with the smallest hash of (user, movie,
    seed) are held out. So every user keeps at least one for training (share < 1), a user of few ratings keeps all, and
    neither the order of the rows nor their partitioning matters.
    """
    of_group = Window.partitionBy(by)
    drawn = F.row_number().over(of_group.orderBy(rating_hash(seed), "movie_id", "user_id"))
    held_out = drawn <= F.floor(F.count(F.lit(1)).over(of_group) * F.lit(share))
    marked = ratings.withColumn("held_out", held_out)
    return marked.where(~F.col("held_out")).drop("held_out"), marked.where("held_out").drop("held_out")


def rating_hash(seed: int) -> Column:
    """A 64-bit hash of the rating's key; the casts keep it the same for ids of any integer type."""
    return F.xxhash64(F.col("user_id").cast("long"), F.col("movie_id").cast("long"), F.lit(seed).cast("long"))
