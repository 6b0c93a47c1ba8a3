"""What ALS of MLlib makes of ratings."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.models.settings import Settings
from spark_jobs.models.transforms.mllib import evidence, fit_explicit, fit_implicit

SMALL = Settings(rank=2, regularization=0.05, alpha=2.0, iterations=6, blocks=2)


def two_tastes(spark: SparkSession) -> DataFrame:
    """Even users rate even movies, odd users odd ones; each leaves some out."""
    random = np.random.default_rng(0)
    rows = [(u, m, 4.0) for u in range(20) for m in range(30) if (u - m) % 2 == 0 and random.random() < 0.7]
    return spark.createDataFrame(rows, "user_id int, item_id int, rating float")


def scores(factors: DataFrame, others: DataFrame) -> np.ndarray:
    left, right = (np.array([row.factors for row in f.orderBy("id").collect()]) for f in (factors, others))
    return left @ right.T


def test_more_stars_are_more_evidence_and_no_rating_is_none(spark: SparkSession) -> None:
    stars = spark.createDataFrame([(half / 2,) for half in range(1, 11)], "rating float")
    weights = [row[0] for row in stars.select(evidence(F.col("rating"))).collect()]
    assert weights == sorted(weights)
    assert 0 < weights[0] < weights[-1]


def test_implicit_als_ranks_a_users_own_kind_of_movie_above_the_other(spark: SparkSession) -> None:
    model = fit_implicit(two_tastes(spark), SMALL, seed=1)
    table = scores(model.users, model.items)
    own = (np.arange(20)[:, None] - np.arange(30)) % 2 == 0
    assert table[own].min() > table[~own].max()


def test_explicit_als_fits_residuals_of_low_rank(spark: SparkSession) -> None:
    random = np.random.default_rng(1)
    truth = np.outer(random.normal(size=15), random.normal(size=12))
    rows = [(u, m, float(truth[u, m])) for u in range(15) for m in range(12)]
    frame = spark.createDataFrame(rows, "user_id int, item_id int, rating float")
    model = fit_explicit(frame, Settings(rank=2, regularization=0.001, alpha=1.0, iterations=10, blocks=2), seed=1)
    assert np.abs(scores(model.users, model.items) - truth).max() < 0.1


def test_the_same_seed_gives_the_same_model_for_any_partitioning(spark: SparkSession) -> None:
    ratings = two_tastes(spark)
    models = [fit_implicit(ratings.repartition(parts), SMALL, seed=1) for parts in (1, 5)]
    one, other = (scores(model.users, model.items) for model in models)
    np.testing.assert_allclose(one, other, atol=1e-4)
