"""Lists of ids turned into hits, by user and place."""

from __future__ import annotations

import numpy as np
import pytest

from domain.evaluation.exposure import NONE
from domain.evaluation.ranking import ndcg
from domain.evaluation.trial import Tally, Truth, merged

MOVIES = np.array([10, 20, 30, 40], np.int32)
# user 1 likes 20 and 99, which cannot be recommended; user 5 likes 10
TRUTH = Truth.of(np.array([5, 1, 1]), np.array([10, 99, 20]), MOVIES, np.array([0.0, 1.0, 2.0, 3.0]))


def placed() -> np.ndarray:
    """Lists of user 1 (30, 20), of user 3, who is not measured, and none of user 5."""
    lengths, movies = np.array([1, 2]), np.array([20, 30, 20], np.int32)
    return TRUTH.place(np.array([3, 1], np.int32), lengths, movies, 3)


def test_lists_are_placed_by_user_and_others_passed_over() -> None:
    assert placed().tolist() == [[2, 1, NONE], [NONE, NONE, NONE]]


def test_hits_are_the_liked_movies_of_that_user() -> None:
    assert TRUTH.hits(placed()).tolist() == [[False, True, False], [False, False, False]]
    everything = np.tile(np.arange(4), (2, 1))
    assert TRUTH.hits(everything).tolist() == [[False, True, False, False], [True, False, False, False]]


def test_movies_that_cannot_be_recommended_are_missed_and_users_without_a_list_count_as_zero() -> None:
    tally = TRUTH.tally(placed(), [1, 2])
    assert tally.sums["recall@2"].tolist() == [0.5, 0.0]
    assert tally.sums["ndcg@2"].tolist() == pytest.approx([ndcg([30, 20], [20, 99], 2), 0.0])
    assert tally.sums["users_without_list"].tolist() == [0.0, 1.0]
    assert (tally.sums["novelty@2"].tolist(), tally.counts["novelty@2"].tolist()) == ([1.5, 0.0], [1.0, 0.0])
    assert TRUTH.spread(placed(), [1, 2])["coverage@2"] == 2 / 4


def test_folds_are_added_up_by_user() -> None:
    one = Tally(np.array([1, 2]), {"f": np.array([1.0, 2.0])}, {"f": np.array([1.0, 1.0])})
    other = Tally(np.array([2, 7]), {"f": np.array([3.0, 4.0])}, {"f": np.array([1.0, 5.0])})
    both = merged([one, other])
    assert both.users.tolist() == [1, 2, 7]
    assert both.sums["f"].tolist() == [1.0, 5.0, 4.0]
    assert both.counts["f"].tolist() == [1.0, 2.0, 5.0]
