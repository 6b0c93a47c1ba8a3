"""The hold-out: ratings that no model is trained on, the same ones whatever the partitioning."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def mark_holdout(ratings: DataFrame, share: float, seed: int, by: str = "user_id") -> DataFrame:
    """`ratings` (user_id, movie_id, …) with `held_out`, true for those that no model may learn from.

    Of each user's n ratings (each movie's, `by` movie_id) the floor(share · n) with the smallest hash of (user, movie,
    seed) are held out. So every user keeps at least one for training (share < 1), a user of few ratings keeps all, and
    neither the order of the rows nor their partitioning matters.
    """
    of_group = Window.partitionBy(by)
    drawn = F.row_number().over(of_group.orderBy(rating_hash(seed), "movie_id", "user_id"))
    return ratings.withColumn("held_out", drawn <= F.floor(F.count(F.lit(1)).over(of_group) * F.lit(share)))


def parted(marked: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Training part and hold-out of the frame of `mark_holdout`, without the mark."""
    return marked.where(~F.col("held_out")).drop("held_out"), marked.where("held_out").drop("held_out")


def split_holdout(ratings: DataFrame, share: float, seed: int, by: str = "user_id") -> tuple[DataFrame, DataFrame]:
    """Training part and hold-out of `ratings`, see `mark_holdout`; cache that one where both parts are read."""
    return parted(mark_holdout(ratings, share, seed, by))


def rating_hash(seed: int) -> Column:
    """A 64-bit hash of the rating's key; the casts keep it the same for ids of any integer type."""
    return F.xxhash64(F.col("user_id").cast("long"), F.col("movie_id").cast("long"), F.lit(seed).cast("long"))
