"""Intervals of the bootstrap against scipy and against their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from domain.statistics.bootstrap import intervals


def test_the_interval_of_a_mean_is_about_that_of_scipy() -> None:
    values = np.random.default_rng(1).gamma(2.0, size=400)
    (found,) = intervals(values[:, np.newaxis], np.ones((400, 1)), 4000, 0.9, seed=2)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, confidence_level=0.9, method="percentile", rng=3
    ).confidence_interval
    assert found.value == pytest.approx(values.mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.1 * (theirs.high - theirs.low))


def test_a_ratio_weighs_users_by_their_counts() -> None:
    (found,) = intervals(np.array([[1.0], [30.0]]), np.array([[1.0], [10.0]]), 50, 0.95, seed=1)
    assert found.value == pytest.approx(31 / 11)
    assert 1.0 <= found.low <= found.value <= found.high <= 3.0


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_holds_the_mean_and_narrows_with_more_users(seed: int) -> None:
    values = np.random.default_rng(seed).random((2000, 1))
    few, many = (intervals(values[:users], np.ones((users, 1)), 500, 0.95, seed)[0] for users in (50, 2000))
    assert few.low < few.value < few.high
    assert many.low < many.value < many.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_the_same_seed_gives_the_same_interval_for_each_column_alone() -> None:
    values = np.random.default_rng(4).random((30, 2))
    both = intervals(values, np.ones((30, 2)), 200, 0.95, seed=7)[1]
    alone, drawn_otherwise = (intervals(values[:, 1:], np.ones((30, 1)), 200, 0.95, seed)[0] for seed in (7, 8))
    assert (both.value, both.low, both.high) == pytest.approx((alone.value, alone.low, alone.high), abs=1e-12)
    assert abs(drawn_otherwise.low - alone.low) > 1e-6


def test_without_values_or_samples_there_is_no_number() -> None:
    (nothing,) = intervals(np.zeros((3, 1)), np.zeros((3, 1)), 20, 0.95, seed=1)
    assert all(math.isnan(number) for number in (nothing.value, nothing.low, nothing.high))
    (bare,) = intervals(np.ones((3, 1)), np.ones((3, 1)), 0, 0.95, seed=1)
    assert (bare.value, math.isnan(bare.low), math.isnan(bare.high)) == (1.0, True, True)
