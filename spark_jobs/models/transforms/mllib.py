"""Alternating least squares by Spark MLlib: ratings in, factors of users and items out."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.ml.recommendation import ALS
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.models.settings import Settings
from domain.serving.fold_in import NEUTRAL, WATCHED


@dataclass(frozen=True)
class Factors:
    """A trained model: two frames of id (int) and factors (array of rank floats), one row an id."""

    users: DataFrame
    items: DataFrame


def evidence(rating: Column) -> Column:
    """How much a rating says that the user likes the item: stars above 2, and a little for having chosen it at all."""
    return F.greatest(rating - F.lit(NEUTRAL), F.lit(WATCHED)).cast("float")


def fit_implicit(ratings: DataFrame, settings: Settings, seed: int) -> Factors:
    """Factors that rank items: preference 1 for rated and 0 for not, confidence 1 + alpha · evidence.

    Source: Hu, Koren & Volinsky, «Collaborative Filtering for Implicit Feedback Datasets», ICDM 2008.
    """
    watched = ratings.select("user_id", "item_id", evidence(F.col("rating")).alias("rating"))
    return _fit(watched, _als(settings, seed).setImplicitPrefs(True).setAlpha(settings.alpha))


def fit_explicit(residuals: DataFrame, settings: Settings, seed: int) -> Factors:
    """Factors whose product predicts `rating` itself, least squares over the given ratings alone."""
    return _fit(residuals, _als(settings, seed))


def _als(settings: Settings, seed: int) -> ALS:
    return ALS(
        rank=settings.rank,
        regParam=settings.regularization,
        maxIter=settings.iterations,
        numUserBlocks=settings.blocks,
        numItemBlocks=settings.blocks,
        seed=seed,
        userCol="user_id",
        itemCol="item_id",
        ratingCol="rating",
    )


def _fit(ratings: DataFrame, als: ALS) -> Factors:
    model = als.fit(ratings)
    return Factors(_named(model.userFactors), _named(model.itemFactors))


def _named(factors: DataFrame) -> DataFrame:
    return factors.select("id", F.col("features").alias("factors"))
