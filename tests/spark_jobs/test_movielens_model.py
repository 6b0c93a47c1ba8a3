"""The model on the real ml-latest-small."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from spark_jobs import train_als
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def trained(spark: SparkSession, movielens_clean: Paths) -> Run:
    """The job with its defaults, but a lower rank and fewer iterations: half a minute in place of two."""
    run = Run("train_als", movielens_clean, {})
    train_als.main(
        spark,
        run,
        holdout_share=0.1,
        relevant_from=4.0,
        seed=42,
        engine="blocks",
        settings=None,
        rank=32,
        regularization=None,
        alpha=None,
        iterations=8,
    )
    return run


def test_the_model_ranks_far_better_than_most_popular(trained: Run) -> None:
    assert trained.metrics["ndcg@10.als"] > 1.5 * trained.metrics["ndcg@10.popular"]
    assert trained.metrics["recall@10.als"] > 1.5 * trained.metrics["recall@10.popular"]
    assert trained.metrics["coverage@10.als"] > trained.metrics["coverage@10.popular"]


def test_factors_predict_stars_better_than_biases_alone(trained: Run) -> None:
    assert trained.metrics["rmse.als"] < trained.metrics["rmse.bias_only"] < 0.9


def test_every_user_has_a_list(trained: Run) -> None:
    assert trained.metrics["users_with_list@10.als"] == 1.0
