"""Epsilon by a share of rows, as scikit-learn cuts it off."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession

from spark_jobs.outliers.epsilon import by_share


@pytest.mark.parametrize(("count", "share"), [(100, 0.05), (101, 0.05), (1000, 0.01), (307, 0.01), (2, 0.9), (1, 0.5)])
def test_a_share_is_cut_off_as_scikit_learn_does(spark: SparkSession, count: int, share: float) -> None:
    scores = np.random.default_rng(count).normal(size=count)
    frame = spark.createDataFrame([*((float(score),) for score in scores), (None,)], "score double")
    found = by_share(frame, share).log_epsilon
    assert (scores < found).sum() == (scores < np.percentile(scores, 100.0 * share)).sum()


def test_a_score_of_minus_infinity_is_below_any_share(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(score,) for score in (-np.inf, 1.0, 2.0, 3.0)], "score double")
    assert -np.inf < by_share(frame, 0.2).log_epsilon <= 1.0
