"""Densities equal those of SciPy, also far from zero."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from domain.statistics import gaussian
from domain.statistics.gaussian import Gaussian
from domain.statistics.moments import Moments

FAR = 1e8


@pytest.fixture
def rows() -> np.ndarray:
    random = np.random.default_rng(3)
    return random.multivariate_normal([5.0, -2.0, 0.5], [[4, 1, 0.2], [1, 2, 0.3], [0.2, 0.3, 1]], 500)


def fitted(rows: np.ndarray, *, full: bool) -> Gaussian:
    origin = rows[0]
    moments = Moments.of(rows - origin)
    return gaussian.fit(origin, moments.mean, moments.covariance, full=full)


def test_log_densities_equal_scipy(rows: np.ndarray) -> None:
    per_feature = norm.logpdf(rows, rows.mean(axis=0), rows.std(axis=0)).sum(axis=1)
    full = multivariate_normal(rows.mean(axis=0), np.cov(rows.T, bias=True)).logpdf(rows)
    np.testing.assert_allclose(fitted(rows, full=False).log_density(rows), per_feature, rtol=1e-11)
    np.testing.assert_allclose(fitted(rows, full=True).log_density(rows), full, rtol=1e-11)
    np.testing.assert_allclose(
        fitted(rows + FAR, full=True).log_density(rows + FAR),
        fitted((rows + FAR) - FAR, full=True).log_density((rows + FAR) - FAR),
        rtol=1e-11,
    )


def test_contributions_add_up_to_the_distance(rows: np.ndarray) -> None:
    for full in (False, True):
        model = fitted(rows, full=full)
        distance = -2 * (model.log_density(rows) - model.log_density((model.origin + model.mean)[None]))
        np.testing.assert_allclose(model.contributions(rows).sum(axis=1), distance, rtol=1e-9, atol=1e-9)


def test_a_marginal_is_the_gaussian_of_those_features(rows: np.ndarray) -> None:
    part = fitted(rows, full=True).marginal([2, 0])
    np.testing.assert_allclose(
        part.log_density(rows[:, [2, 0]]), fitted(rows[:, [2, 0]], full=True).log_density(rows[:, [2, 0]]), rtol=1e-10
    )


def test_features_that_say_the_same_twice_still_have_a_density(rows: np.ndarray) -> None:
    twice = np.column_stack([rows, 2 * rows[:, 0]])
    model = fitted(twice, full=True)
    assert np.isfinite(model.log_density(twice)).all()


def test_a_feature_without_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="same value"):
        fitted(np.column_stack([np.arange(5.0), np.ones(5)]), full=False)


def test_a_model_survives_json(rows: np.ndarray) -> None:
    model = fitted(rows, full=True)
    again = Gaussian.from_json(json.loads(json.dumps(model.as_json())))
    np.testing.assert_array_equal(again.log_density(rows), model.log_density(rows))
