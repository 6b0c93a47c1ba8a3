"""Moments and densities equal those of NumPy and SciPy, also far from zero and for parts of any size."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import boxcox
from scipy.stats import multivariate_normal, norm

from domain.statistics import gaussian
from domain.statistics.feature_scales import Kind, Scale, rescaled
from domain.statistics.gaussian import Gaussian
from domain.statistics.moments import Moments, merge, merge_all

FAR = 1e8


@pytest.fixture
def rows() -> np.ndarray:
    random = np.random.default_rng(3)
    return random.multivariate_normal([5.0, -2.0, 0.5], [[4, 1, 0.2], [1, 2, 0.3], [0.2, 0.3, 1]], 500)


def split(rows: np.ndarray, parts: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return np.split(random.permutation(rows), np.sort(random.integers(0, len(rows), parts - 1)))


@pytest.mark.parametrize("parts", [1, 2, 3, 8, 499, 700])
def test_merged_moments_equal_numpy_for_any_parts_and_order(rows: np.ndarray, parts: int) -> None:
    merged = merge_all([Moments.of(part) for part in split(rows, parts, seed=parts)])
    assert merged.count == len(rows)
    np.testing.assert_allclose(merged.mean, rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(merged.covariance, np.cov(rows.T, bias=True), rtol=1e-12)


def test_data_far_from_zero_lose_no_digits(rows: np.ndarray) -> None:
    far = rows + FAR
    moments = merge_all([Moments.of(part - far[0]) for part in split(far, 7, seed=1)])
    column = [Fraction(value) for value in far[:, 0].tolist()]
    mean = sum(column) / len(column)
    variance = sum((value - mean) ** 2 for value in column) / len(column)
    assert moments.covariance[0, 0] == pytest.approx(float(variance), rel=1e-13)
    assert moments.mean[0] + float(Fraction(far[0, 0]) - mean) == pytest.approx(0.0, abs=1e-12)


def test_a_row_may_stand_for_several(rows: np.ndarray) -> None:
    times = np.random.default_rng(2).integers(1, 9, len(rows))
    once, repeated = Moments.of(rows, times), Moments.of(np.repeat(rows, times, axis=0))
    assert once.count == repeated.count == times.sum()
    np.testing.assert_allclose(once.mean, repeated.mean, rtol=1e-12)
    np.testing.assert_allclose(once.comoments, repeated.comoments, rtol=1e-12)


def test_no_rows_change_nothing(rows: np.ndarray) -> None:
    moments, none = Moments.of(rows), Moments.none(3)
    assert merge(none, moments) is moments
    assert merge(moments, none) is moments
    with pytest.raises(ValueError, match="no rows"):
        _ = none.covariance


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


def test_scales_are_their_formulas() -> None:
    values = np.array([0.5, 1.0, 20.0])
    kinds = [Scale(), Scale(Kind.LOG), Scale(Kind.LOG1P), Scale(Kind.BOX_COX, 0.3), Scale(Kind.BOX_COX, 0.0)]
    expected = [values, np.log(values), np.log1p(values), boxcox(values, 0.3), np.log(values)]
    for scale, wanted in zip(kinds, expected, strict=True):
        np.testing.assert_allclose(scale(values), wanted, rtol=1e-12)
        assert Scale.from_json(scale.as_json()) == scale
    assert not np.isfinite(rescaled(np.array([[-1.0, -1.0, 0.0]]), (kinds[1], kinds[3], kinds[4]))).any()
