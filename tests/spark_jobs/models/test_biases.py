"""Biases and residuals against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession

from spark_jobs.models.engines import fit_biases
from spark_jobs.models.transforms.biases import item_biases, residuals, user_biases


@pytest.mark.parametrize("shrinkage", [0.0, 5.0])
def test_biases_and_residuals_equal_numpy(spark: SparkSession, shrinkage: float) -> None:
    random = np.random.default_rng(3)
    table = np.where(random.random((12, 9)) < 0.6, random.integers(1, 11, (12, 9)) / 2, np.nan)
    users, movies = np.nonzero(~np.isnan(table))
    rows = [(int(u), int(m), float(table[u, m])) for u, m in zip(users, movies, strict=True)]
    ratings = spark.createDataFrame(rows, "user_id int, item_id int, rating float").repartition(5)

    mean = float(np.nanmean(table))
    of_movies = np.nansum(table - mean, axis=0) / (shrinkage + (~np.isnan(table)).sum(axis=0))
    of_users = np.nansum(table - mean - of_movies, axis=1) / (shrinkage + (~np.isnan(table)).sum(axis=1))

    biases = fit_biases(ratings, shrinkage)
    assert biases.mean == pytest.approx(mean, abs=1e-12)
    for row in biases.items.collect():
        assert row.item_bias == pytest.approx(of_movies[row.item_id], abs=1e-6)
    for row in biases.users.collect():
        assert row.user_bias == pytest.approx(of_users[row.user_id], abs=2e-6)
    left = residuals(ratings, biases).collect()
    assert len(left) == len(rows)
    for row in left:
        expected = table[row.user_id, row.item_id] - mean - of_users[row.user_id] - of_movies[row.item_id]
        assert row.rating == pytest.approx(expected, abs=3e-6)


def test_shrinkage_draws_few_ratings_to_zero_more_than_many(spark: SparkSession) -> None:
    rows = [(1, 1, 5.0), *((user, 2, 5.0) for user in range(1, 101))]
    ratings = spark.createDataFrame(rows, "user_id int, item_id int, rating float")
    bias = {row.item_id: row.item_bias for row in item_biases(ratings, 3.0, 5.0).collect()}
    assert 0 < bias[1] < bias[2] < 2


def test_biases_are_the_same_to_the_last_bit_in_any_order(spark: SparkSession) -> None:
    random = np.random.default_rng(5)
    rows = [(int(u), int(m), float(random.integers(1, 11)) / 2) for u in range(40) for m in random.permutation(60)[:20]]
    ratings = spark.createDataFrame(rows, "user_id int, item_id int, rating float")
    found = []
    for layout in (ratings.coalesce(1), ratings.orderBy("item_id").repartition(7)):
        by_movie = item_biases(layout, 2.75, 5.0)
        by_user = user_biases(layout, 2.75, by_movie, 5.0)
        found.append((sorted(by_movie.collect()), sorted(by_user.collect())))
    assert found[0] == found[1]
