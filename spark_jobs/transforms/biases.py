"""How far users and movies are from the mean rating, and the ratings without that.

Decoupled regularized estimates of Koren, «Factor in the Neighbors: Scalable and Accurate Collaborative Filtering»,
ACM TKDD 4(1), 2010, section 2.1:

    b_i = sum over its ratings of (r - mean)       / (item shrinkage + number of ratings)
    b_u = sum over its ratings of (r - mean - b_i) / (user shrinkage + number of ratings)
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

LOWEST, HIGHEST = 0.5, 5.0  # stars
SHRINKAGE = 5.0  # ratings, of both biases; tuned with als.STARS


def movie_biases(ratings: DataFrame, mean: float, shrinkage: float) -> DataFrame:
    """movie_id, movie_bias (double, stars): see the module. `shrinkage` is in ratings."""
    return ratings.groupBy("movie_id").agg(_shrunken_mean(F.col("rating") - F.lit(mean), shrinkage).alias("movie_bias"))


def user_biases(ratings: DataFrame, mean: float, movies: DataFrame, shrinkage: float) -> DataFrame:
    """user_id, user_bias (double, stars), given the frame of `movie_biases`: see the module."""
    deviation = F.col("rating") - F.lit(mean) - F.col("movie_bias")
    return (
        ratings.join(movies, on="movie_id", how="inner")
        .groupBy("user_id")
        .agg(_shrunken_mean(deviation, shrinkage).alias("user_bias"))
    )


def residuals(ratings: DataFrame, mean: float, users: DataFrame, movies: DataFrame) -> DataFrame:
    """user_id, movie_id, rating (float): what is left of each rating after mean and biases."""
    left = F.col("rating") - F.lit(mean) - F.col("user_bias") - F.col("movie_bias")
    return (
        ratings.join(movies, on="movie_id", how="inner")
        .join(users, on="user_id", how="inner")
        .select("user_id", "movie_id", left.cast("float").alias("rating"))
    )


def with_bias(factors: DataFrame, biases: DataFrame) -> DataFrame:
    """id, bias (float), factors of each id that has a bias; factors (id, factors) are null where there are none.

    `biases` is the frame of `user_biases` or `movie_biases`.
    """
    renamed = biases.toDF("id", "bias").select("id", F.col("bias").cast("float").alias("bias"))
    return renamed.join(factors, on="id", how="left").select("id", "bias", "factors")


def stars(value: Column) -> Column:
    """A prediction within the scale of ratings."""
    return F.greatest(F.lit(LOWEST), F.least(F.lit(HIGHEST), value))


def _shrunken_mean(value: Column, shrinkage: float) -> Column:
    return F.sum(value.cast("double")) / (F.count(F.lit(1)) + F.lit(shrinkage))
