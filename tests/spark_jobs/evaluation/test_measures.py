"""Figures of lists and stars against plain Python."""

from __future__ import annotations

import math

import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.evaluation.ranking import ndcg, recall
from spark_jobs.evaluation.transforms.measures import list_figures, relevant_movies, star_figures

LISTS = {1: [10, 11, 12], 2: [13, 10, 14], 3: []}
RELEVANT = {1: [10, 12], 2: [99], 3: [10], 4: [11]}  # user 4 has no list at all


@pytest.fixture(scope="module")
def frames(spark: SparkSession) -> tuple[DataFrame, DataFrame]:
    recommended = spark.createDataFrame(list(LISTS.items()), "user_id int, movie_ids array<int>")
    return recommended, spark.createDataFrame(list(RELEVANT.items()), "user_id int, relevant_ids array<int>")


def test_means_are_over_all_users_with_relevant_movies(frames: tuple[DataFrame, DataFrame]) -> None:
    (figures,) = list_figures(*frames, k=2, catalogue_size=50).collect()
    users = [(LISTS.get(user, []), relevant) for user, relevant in RELEVANT.items()]
    assert figures.ndcg == pytest.approx(sum(ndcg(*pair, 2) for pair in users) / 4)
    assert figures.recall == pytest.approx(sum(recall(*pair, 2) for pair in users) / 4)
    assert figures.recall == pytest.approx((1 / 2) / 4)


def test_users_without_a_list_and_the_covered_catalogue_are_told(frames: tuple[DataFrame, DataFrame]) -> None:
    (figures,) = list_figures(*frames, k=2, catalogue_size=50).collect()
    assert figures.users_with_list == 2 / 4
    assert figures.coverage == len({10, 11, 13}) / 50


def test_only_movies_with_enough_stars_are_relevant(spark: SparkSession) -> None:
    held_out = spark.createDataFrame(
        [(1, 7, 4.0), (1, 5, 4.5), (1, 6, 3.5), (2, 5, 1.0)], "user_id int, movie_id int, rating float"
    )
    assert [tuple(row) for row in relevant_movies(held_out, 4.0).collect()] == [(1, [5, 7])]


def test_errors_of_stars_are_root_mean_squares(spark: SparkSession) -> None:
    rows = [(4.0, 3.0, 4.0), (5.0, 4.5, 5.0), (2.0, 2.5, 2.5), (3.0, 3.0, 3.0)]
    (figures,) = star_figures(spark.createDataFrame(rows, "rating float, bias_only double, predicted double")).collect()
    assert figures.rmse == pytest.approx(math.sqrt(0.25 / 4))
    assert figures.rmse_bias == pytest.approx(math.sqrt((1.0 + 0.25 + 0.25) / 4))
