"""Detectors learn what NumPy, SciPy and scikit-learn learn from the same rows, and say what they cannot learn from."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession
from scipy.stats import multivariate_normal
from sklearn.ensemble import IsolationForest

from domain.statistics import gaussian
from domain.statistics.feature_scales import Kind, Scale
from spark_jobs.outliers import detectors
from spark_jobs.outliers.detectors import Detector, fit
from spark_jobs.outliers.numeric_tables import matrix
from spark_jobs.outliers.transforms.scores import scored
from spark_jobs.storage.errors import JobError

FEATURES = ("a", "b", "c")


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    random = np.random.default_rng(5)
    values = random.multivariate_normal([1e8, 2.0, -3.0], [[4, 1, 0.5], [1, 2, 0.3], [0.5, 0.3, 1]], 300)
    return np.column_stack([values[:, 0], np.exp(values[:, 1]), values[:, 2]])


@pytest.mark.parametrize("parts", [1, 5])
def test_fitted_densities_equal_scipy(spark: SparkSession, rows: np.ndarray, parts: int) -> None:
    frame = spark.createDataFrame(rows.tolist(), list(FEATURES)).repartition(parts)
    fitted = fit(frame, FEATURES, {"b": Kind.LOG}, "full", 1000, 1)
    near = np.column_stack([rows[:, 0] - 1e8, np.log(rows[:, 1]), rows[:, 2]])
    expected = multivariate_normal(near.mean(axis=0), np.cov(near.T, bias=True)).logpdf(near)
    np.testing.assert_allclose(fitted.detector.score(rows), expected, rtol=1e-9)


def test_constant_features_are_left_out_and_the_rest_is_as_without_them(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(float(n), 7.0) for n in range(20)], "a double, b double")
    fitted = fit(frame, ("a", "b"), {}, "full", 1000, 1)
    assert (fitted.detector.features, fitted.constant) == (("a",), ("b",))
    with pytest.raises(JobError, match="same value in all rows"):
        fit(frame, ("b",), {}, "full", 1000, 1)


def test_logarithms_of_nothing_are_refused(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(0.0,), (1.0,), (2.0,)], "a double")
    with pytest.raises(JobError, match="1 rows have values of 0 or less"):
        fit(frame, ("a",), {"a": Kind.LOG}, "full", 1000, 1)


def test_robust_centre_is_not_drawn_by_outliers(spark: SparkSession) -> None:
    random = np.random.default_rng(2)
    rows = np.vstack([random.normal(size=(180, 2)), random.normal(30.0, 1.0, size=(20, 2))])
    frame = spark.createDataFrame(rows.tolist(), ["a", "b"])
    robust, plain = (fit(frame, ("a", "b"), {}, method, 1000, 1).detector for method in ("robust", "full"))
    assert [np.abs(of.model.origin + of.model.mean).max() < 0.5 for of in (robust, plain)] == [True, False]
    assert robust.score(rows)[180:].max() < robust.score(rows)[:180].min()


def test_a_singular_covariance_is_told_with_what_was_added(
    spark: SparkSession, caplog: pytest.LogCaptureFixture
) -> None:
    rows = np.random.default_rng(3).normal(size=(60, 2))
    frame = spark.createDataFrame(np.column_stack([rows, rows.sum(axis=1)]).tolist(), list(FEATURES))
    detector = fit(frame, FEATURES, {}, "full", 1000, 1).detector
    assert detector.model.ridge > 0
    assert f"The covariance is singular: some features follow from others. {detector.model.ridge:g} was" in caplog.text


@pytest.mark.parametrize("covariance", [[[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]])
def test_a_covariance_of_no_data_is_one_clear_error(covariance: list[list[float]]) -> None:
    with pytest.raises(JobError, match=r"The full covariance cannot be used: .*\. .*: --model per-feature\)\."):
        detectors._gaussian("full", np.zeros(2), np.zeros(2), np.array(covariance))


def test_a_half_of_equal_rows_has_no_robust_covariance_and_that_is_told() -> None:
    rows = np.vstack([np.zeros((150, 2)), np.random.default_rng(1).normal(size=(50, 2))])
    with pytest.raises(JobError, match="The robust covariance cannot be used"):
        detectors._robust(rows, np.zeros(2), 1)


def test_of_rows_with_the_same_values_a_share_is_sampled(spark: SparkSession) -> None:
    frame = spark.range(4000).selectExpr("CAST(id AS STRING) AS row", "CAST(id % 2 AS DOUBLE) AS a")
    sample = detectors.sampled(frame, ("a",), 400, 1)
    assert 300 < len(sample) < 500
    assert 150 < sample.sum() < 250
    again = detectors.sampled(frame.repartition(7), ("a",), 400, 1)
    np.testing.assert_array_equal(sample, again)


def test_the_forest_is_scikit_learns_own(spark: SparkSession) -> None:
    rows = np.random.default_rng(4).normal(size=(300, 2))
    frame = spark.createDataFrame(rows.tolist(), ["a", "b"]).repartition(3)
    detector = fit(frame, ("a", "b"), {}, "isolation-forest", 1000, 8).detector
    ordered = rows[np.lexsort(rows.T[::-1])]
    own = IsolationForest(random_state=8).fit(ordered)
    np.testing.assert_allclose(detector.score(rows), own.score_samples(rows), rtol=1e-12)
    found = matrix(scored(frame, ("a", "b"), detector))
    np.testing.assert_allclose(found[:, 2], detector.score(found[:, :2]), rtol=1e-12)


def test_a_value_outside_its_scale_is_the_least_usual() -> None:
    model = gaussian.fit(np.zeros(1), np.zeros(1), np.ones((1, 1)), full=False)
    detector = Detector("full", ("a",), (Scale(Kind.LOG),), model)
    assert detector.score(np.array([[1.0], [-1.0]])).tolist() == [model.log_density(np.zeros((1, 1)))[0], -np.inf]
    assert detector.contributions(np.array([[-1.0]])).tolist() == [[np.inf]]
