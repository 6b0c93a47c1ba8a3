"""Metrics of ranked lists against a computation written down from the definition, one movie at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from domain.evaluation.ranking import ndcg, recall, top_n


def naive_ndcg(recommended: list[int], relevant: list[int], k: int) -> float:
    gain = 0.0
    for place, movie in enumerate(recommended[:k], start=1):
        if movie in relevant:
            gain += 1 / math.log2(place + 1)
    ideal = 0.0
    for place in range(1, min(k, len(relevant)) + 1):
        ideal += 1 / math.log2(place + 1)
    return gain / ideal


@pytest.mark.parametrize("seed", range(50))
def test_ndcg_and_recall_equal_the_naive_computation(seed: int) -> None:
    random = np.random.default_rng(seed)
    recommended = random.permutation(40)[: random.integers(0, 30)].tolist()
    relevant = random.permutation(40)[: random.integers(1, 30)].tolist()
    k = int(random.integers(1, 20))
    assert ndcg(recommended, relevant, k) == pytest.approx(naive_ndcg(recommended, relevant, k), abs=1e-12)
    assert recall(recommended, relevant, k) == len(set(recommended[:k]) & set(relevant)) / len(relevant)


@pytest.mark.parametrize("relevant", [[7], [7, 8, 9], list(range(30))])
def test_a_list_that_begins_with_relevant_movies_is_perfect(relevant: list[int]) -> None:
    assert ndcg([*relevant, 99, 98], relevant, 10) == pytest.approx(1.0)


def test_a_hit_counts_less_further_down_and_nothing_beyond_k() -> None:
    at = [ndcg([*range(100, 100 + place), 1], [1], 10) for place in range(12)]
    assert at == sorted(at, reverse=True)
    assert at[9] > 0 == at[10] == at[11]


def test_no_relevant_movie_means_no_value() -> None:
    with pytest.raises(ValueError, match="No relevant"):
        ndcg([1, 2], [], 10)


def test_top_n_has_all_there_are_and_the_lower_position_first_among_equals() -> None:
    scores = np.array([1.0, 3.0, 3.0, 0.5], np.float32)
    assert top_n(scores, 3).tolist() == [1, 2, 0]
    assert top_n(scores, 10).tolist() == [1, 2, 0, 3]
