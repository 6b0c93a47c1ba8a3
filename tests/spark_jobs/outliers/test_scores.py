"""Distributed statistics equal NumPy's for any partitioning and order of rows; scores stay with their rows."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession

from domain.statistics.feature_scales import Kind, Scale
from domain.statistics.moments import Moments, merge_all
from spark_jobs.outliers.detectors import fit
from spark_jobs.outliers.transforms.scores import partial_moments, scored

FEATURES = ("a", "b", "c")
SCALES = (Scale(), Scale(Kind.LOG), Scale())


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    random = np.random.default_rng(5)
    values = random.multivariate_normal([1e8, 2.0, -3.0], [[4, 1, 0.5], [1, 2, 0.3], [0.5, 0.3, 1]], 300)
    return np.column_stack([values[:, 0], np.exp(values[:, 1]), values[:, 2]])


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_moments_equal_numpy_for_any_partitioning_and_order(spark: SparkSession, rows: np.ndarray, parts: int) -> None:
    shuffled = np.random.default_rng(parts).permutation(rows)
    frame = spark.createDataFrame(shuffled.tolist(), list(FEATURES)).repartition(parts)
    origin = np.array([1e8, 2.0, -3.0])
    found = sorted(partial_moments(frame, FEATURES, SCALES, origin).collect(), key=lambda row: row["part"])
    assert len(found) == parts
    merged = merge_all(
        [Moments(row["count"], np.array(row["mean"]), np.array(row["comoments"]).reshape(3, 3)) for row in found]
    )
    values = np.column_stack([rows[:, 0] - 1e8, np.log(rows[:, 1]) - 2.0, rows[:, 2] + 3.0])
    np.testing.assert_allclose(merged.mean, values.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(merged.covariance, np.cov(values.T, bias=True), rtol=1e-9)


def test_incomplete_rows_have_no_score_and_teach_nothing(spark: SparkSession) -> None:
    frame = spark.createDataFrame(
        [("1", 1.0), ("2", None), ("3", float("nan")), ("4", 3.0), ("5", float("inf")), ("6", 2.0)],
        "row string, a double",
    )
    fitted = fit(frame, ("a",), {}, "per-feature", 1000, 1)
    assert (fitted.rows, fitted.incomplete) == (3, 3)
    scores = {row["row"]: row["score"] for row in scored(frame, ("a",), fitted.detector).collect()}
    assert [name for name, score in scores.items() if score is None] == ["2", "3", "5"]
    expected = -0.5 * np.log(2 * np.pi * 2 / 3)
    assert scores["6"] == pytest.approx(expected, rel=1e-12)
