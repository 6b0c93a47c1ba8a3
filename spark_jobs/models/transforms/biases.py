"""Biases of users and items, their distances from the mean rating, and the ratings without them.

Decoupled regularized estimates of Koren, «Factor in the Neighbors: Scalable and Accurate Collaborative Filtering»,
ACM TKDD 4(1), 2010, section 2.1:

    b_i = sum over its ratings of (r - mean)       / (item shrinkage + number of ratings)
    b_u = sum over its ratings of (r - mean - b_i) / (user shrinkage + number of ratings)

Half stars and rounded biases have sums without rounding in double precision, so that the order in which Spark adds them
changes nothing: the same ratings give the same biases to the last bit, however they are partitioned.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

STEPS_PER_STAR = 2.0**20  # biases are multiples of a millionth of a star: 2**30 of them still add up exactly


@dataclass(frozen=True)
class Biases:
    """The mean of all ratings in stars, and the frames of `user_biases` and `item_biases`."""

    mean: float
    users: DataFrame
    items: DataFrame


def item_biases(ratings: DataFrame, mean: float, shrinkage: float) -> DataFrame:
    """item_id, item_bias (double, stars): see the module. `shrinkage` is in ratings."""
    total = F.sum(F.col("rating").cast("double"))
    return ratings.groupBy("item_id").agg(_shrunken_mean(total, mean, shrinkage).alias("item_bias"))


def user_biases(ratings: DataFrame, mean: float, items: DataFrame, shrinkage: float) -> DataFrame:
    """user_id, user_bias (double, stars), given the frame of `item_biases`: see the module."""
    total = F.sum(F.col("rating").cast("double") - F.col("item_bias"))
    return (
        ratings.join(items, on="item_id", how="inner")
        .groupBy("user_id")
        .agg(_shrunken_mean(total, mean, shrinkage).alias("user_bias"))
    )


def residuals(ratings: DataFrame, biases: Biases) -> DataFrame:
    """user_id, item_id, rating (float): what is left of each rating after mean and biases."""
    left = F.col("rating") - F.lit(biases.mean) - F.col("user_bias") - F.col("item_bias")
    return (
        ratings.join(biases.items, on="item_id", how="inner")
        .join(biases.users, on="user_id", how="inner")
        .select("user_id", "item_id", left.cast("float").alias("rating"))
    )


def with_bias(factors: DataFrame, biases: DataFrame) -> DataFrame:
    """id, bias (float), factors of each id that has a bias; factors (id, factors) are null where there are none.

    `biases` is the frame of `user_biases` or `item_biases`.
    """
    renamed = biases.toDF("id", "bias").select("id", F.col("bias").cast("float").alias("bias"))
    return renamed.join(factors, on="id", how="left").select("id", "bias", "factors")


def _shrunken_mean(total: Column, mean: float, shrinkage: float) -> Column:
    """Shrunken mean of how much each rating is above `mean`, given their sum; an aggregate."""
    ratings = F.count(F.lit(1))
    exact = (total - ratings * F.lit(mean)) / (ratings + F.lit(shrinkage))
    return F.round(exact * F.lit(STEPS_PER_STAR)) / F.lit(STEPS_PER_STAR)
