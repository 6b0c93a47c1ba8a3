"""Stars that biases, and biases with explicit ALS, predict."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.contract.movielens import SCALE, Scale


def with_predicted_stars(
    ratings: DataFrame, users: DataFrame, movies: DataFrame, mean: float, scale: Scale = SCALE
) -> DataFrame:
    """`ratings` with `bias_only` and `predicted`, both in stars; what is unknown of a user or movie counts as 0.

    `users` has id, bias, factors of the users, `movies` of the movies.
    """
    of_users = users.select(F.col("id").alias("user_id"), F.col("bias").alias("u_bias"), F.col("factors").alias("u"))
    of_movies = movies.select(F.col("id").alias("movie_id"), F.col("bias").alias("m_bias"), F.col("factors").alias("m"))
    base = F.lit(mean) + F.coalesce("u_bias", F.lit(0.0)) + F.coalesce("m_bias", F.lit(0.0))
    taste = F.coalesce(_product(F.col("u"), F.col("m")), F.lit(0.0))
    return (
        ratings.join(of_users, on="user_id", how="left")
        .join(of_movies, on="movie_id", how="left")
        .select(
            *ratings.columns,
            _within(scale, base).alias("bias_only"),
            _within(scale, base + taste).alias("predicted"),
        )
    )


def _within(scale: Scale, value: Column) -> Column:
    """A prediction within the scale of ratings."""
    return F.greatest(F.lit(scale.lowest), F.least(F.lit(scale.highest), value))


def _product(left: Column, right: Column) -> Column:
    """Inner product of two arrays of one length; null where one of them is."""
    terms = F.zip_with(left, right, lambda a, b: (a * b).cast("double"))
    return F.aggregate(terms, F.lit(0.0), lambda total, term: total + term)
