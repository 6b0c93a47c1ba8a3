"""Coverage, Gini index and novelty against plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from domain.evaluation.exposure import NONE, coverage, gini, novelty, self_information, shown

LISTS = np.array([[0, 1, 2], [0, 3, NONE], [NONE, NONE, NONE], [0, 1, 4]])


def test_movies_are_counted_among_the_first_k_places_only() -> None:
    assert shown(LISTS, 6, 1).tolist() == [3, 0, 0, 0, 0, 0]
    assert shown(LISTS, 6, 3).tolist() == [3, 2, 1, 1, 1, 0]


def test_coverage_is_the_share_of_shown_movies() -> None:
    assert coverage(shown(LISTS, 6, 2)) == 3 / 6
    assert coverage(shown(LISTS, 6, 3)) == 5 / 6


@pytest.mark.parametrize("seed", range(5))
def test_gini_is_half_the_relative_mean_difference(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 50, 40)
    differences = sum(abs(int(one) - int(other)) for one in counts for other in counts)
    assert gini(counts) == pytest.approx(differences / (2 * len(counts) * counts.sum()), abs=1e-12)


def test_gini_of_equal_counts_is_zero_and_of_one_movie_alone_near_one() -> None:
    assert gini(np.full(10, 3)) == pytest.approx(0.0)
    assert gini(np.array([0] * 99 + [7])) == pytest.approx(0.99)
    assert math.isnan(gini(np.zeros(4, int)))


def test_novelty_is_the_mean_of_bits_and_nothing_for_an_empty_list() -> None:
    bits = self_information(np.array([8, 4, 2, 1, 0, 8]), 8)
    assert bits.tolist() == [0.0, 1.0, 2.0, 3.0, 3.0, 0.0]
    assert novelty(LISTS, bits, 3).tolist() == pytest.approx([1.0, 1.5, math.nan, 4 / 3], nan_ok=True)
    assert novelty(LISTS, bits, 1).tolist() == pytest.approx([0.0, 0.0, math.nan, 0.0], nan_ok=True)
