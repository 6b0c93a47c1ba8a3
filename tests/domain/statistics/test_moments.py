"""Moments equal those of NumPy, also far from zero and for parts of any size."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

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
