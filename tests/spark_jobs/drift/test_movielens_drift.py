"""report_drift on the real ml-latest-small: a random half is as the other one, the later half is not as the earlier."""

from __future__ import annotations

from datetime import datetime

import pytest
from pyspark.sql import SparkSession

from spark_jobs import report_drift
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

pytestmark = pytest.mark.realdata


def drift(spark: SparkSession, paths: Paths, *, at_random: bool, date: datetime | None = None) -> Run:
    run = Run("report_drift", paths, {})
    report_drift.main(spark, run, recent_share=0.5, date=date, at_random=at_random, seed=42, tables=None)
    return run


def test_halves_drawn_at_random_are_stable(spark: SparkSession, movielens_clean: Paths) -> None:
    run = drift(spark, movielens_clean, at_random=True)
    assert (run.facts["drift"]["verdict"], run.facts["drift"]["retrain"]) == ("good", False)
    assert run.metrics["psi.rating"] < 0.01
    assert run.metrics["js.genre"] < 0.05


def test_the_later_half_asks_for_training_for_the_stars_that_came_with_halves(
    spark: SparkSession, movielens_clean: Paths
) -> None:
    run = drift(spark, movielens_clean, at_random=False)
    assert (run.facts["drift"]["verdict"], run.facts["drift"]["retrain"]) == ("act", True)
    assert "the distribution of rating has moved: PSI 0.2838, JS distance 0.2237" in run.facts["drift"]["because"]
    assert run.metrics["psi.rating"] == pytest.approx(0.2838, abs=5e-5)
