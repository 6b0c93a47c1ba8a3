"""A user who is folded in gets the factors that the training gave them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.models.settings import Settings
from domain.serving.fold_in import fold_in_explicit, fold_in_implicit
from spark_jobs.models.transforms.fold_in import folded_in
from spark_jobs.models.transforms.mllib import Factors, evidence, fit_explicit, fit_implicit
from spark_jobs.models.transforms.topn import Items, histories

SETTINGS = Settings(rank=5, regularization=0.1, alpha=1.5, iterations=4, blocks=2)


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    random = np.random.default_rng(3)
    rows = [(u, m, float(random.integers(1, 11)) / 2) for u in range(40) for m in range(30) if random.random() < 0.3]
    return spark.createDataFrame(rows, "user_id int, item_id int, rating float").cache()


def items_of(factors: Factors) -> Items:
    rows = factors.items.orderBy("id").collect()
    return Items(np.array([row.id for row in rows], np.int32), np.array([row.factors for row in rows], np.float32))


def differences(factors: Factors, folded: DataFrame) -> list[float]:
    trained = {row.id: np.array(row.factors) for row in factors.users.collect()}
    found = {row.user_id: np.array(row.factors) for row in folded.collect()}
    assert found.keys() == trained.keys()
    return [float(np.abs(found[user] - trained[user]).max()) for user in trained]


def test_implicit_fold_in_equals_the_last_half_step_of_mllib(spark: SparkSession, ratings: DataFrame) -> None:
    factors = fit_implicit(ratings, SETTINGS, seed=1)
    items = items_of(factors)
    gram = items.factors.astype(np.float64).T @ items.factors
    solve = partial(fold_in_implicit, gram=gram, regularization=SETTINGS.regularization, alpha=SETTINGS.alpha)
    known = histories(ratings).withColumn("ratings", F.transform("ratings", evidence))
    assert max(differences(factors, folded_in(known, spark.sparkContext.broadcast(items), solve))) < 1e-4


def test_explicit_fold_in_equals_the_last_half_step_of_mllib(spark: SparkSession, ratings: DataFrame) -> None:
    factors = fit_explicit(ratings, SETTINGS, seed=1)
    items = spark.sparkContext.broadcast(items_of(factors))
    solve = partial(fold_in_explicit, regularization=SETTINGS.regularization)
    assert max(differences(factors, folded_in(histories(ratings), items, solve))) < 1e-4


def test_unknown_movies_say_nothing_and_a_user_of_none_but_them_has_no_factors(spark: SparkSession) -> None:
    items = Items(np.array([5, 7], np.int32), np.array([[1.0, 0.0], [0.0, 2.0]], np.float32))
    known = spark.createDataFrame(
        [(1, [5, 6], [2.0, 9.0]), (2, [5], [2.0]), (3, [6], [4.0])],
        "user_id int, rated_ids array<int>, ratings array<float>",
    )
    solve = partial(fold_in_explicit, regularization=0.5)
    found = {row.user_id: row.factors for row in folded_in(known, spark.sparkContext.broadcast(items), solve).collect()}
    assert found == {1: pytest.approx([4 / 3, 0.0]), 2: pytest.approx([4 / 3, 0.0])}
