"""Measures of many lists at once against ranx, an independent library, and against their definitions."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.evaluation.ranking import MEASURES, ndcg, recall

THEIRS = {
    "ndcg": "ndcg",
    "map": "map",
    "mrr": "mrr",
    "recall": "recall",
    "precision": "precision",
    "hit_rate": "hit_rate",
}
USERS, MOVIES, PLACES = 200, 60, 20


@pytest.fixture(scope="module")
def lists() -> list[list[int]]:
    """Lists of 1 … 20 distinct movies, for 200 users."""
    random = np.random.default_rng(11)
    return [random.permutation(MOVIES)[: random.integers(1, PLACES + 1)].tolist() for _ in range(USERS)]


@pytest.fixture(scope="module")
def liked() -> list[list[int]]:
    """1 … 40 movies that each user likes: fewer than k, and more."""
    random = np.random.default_rng(12)
    return [random.permutation(MOVIES)[: random.integers(1, 41)].tolist() for _ in range(USERS)]


def hits_of(lists: list[list[int]], liked: list[list[int]]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    hits = np.zeros((len(lists), PLACES), bool)
    for user, (movies, wanted) in enumerate(zip(lists, liked, strict=True)):
        hits[user, : len(movies)] = [movie in wanted for movie in movies]
    return hits, np.array([len(wanted) for wanted in liked])


RANX = """
import json, sys
from ranx import Qrels, Run, evaluate
names, wanted, scored = json.load(sys.stdin)
run = Run(scored)
evaluate(Qrels(wanted), run, names, return_mean=False)
json.dump({name: {user: float(value) for user, value in run.scores[name].items()} for name in names}, sys.stdout)
"""


def scores_of_ranx(names: list[str], wanted: dict[str, Any], scored: dict[str, Any]) -> dict[str, dict[str, float]]:
    """In a process whose numba compiles nothing: that would take half a minute, the measures a second."""
    environ = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    question = json.dumps([names, wanted, scored])
    answer = subprocess.run([sys.executable, "-c", RANX], input=question, env=environ, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return dict(json.loads(answer.stdout))


def test_all_measures_equal_those_of_ranx_for_every_user(lists: list[list[int]], liked: list[list[int]]) -> None:
    names = [f"{theirs}@{k}" for theirs in THEIRS.values() for k in (1, 5, 10, 30)]
    wanted = {f"u{user:03}": {f"m{movie}": 1 for movie in movies} for user, movies in enumerate(liked)}
    scored = {f"u{u:03}": {f"m{movie}": -float(at) for at, movie in enumerate(own)} for u, own in enumerate(lists)}
    scores = scores_of_ranx(names, wanted, scored)
    hits, relevant = hits_of(lists, liked)
    compared = 0
    for ours, theirs in THEIRS.items():
        for k in (1, 5, 10, 30):
            expected = [scores[f"{theirs}@{k}"][f"u{user:03}"] for user in range(USERS)]
            found = MEASURES[ours](hits, relevant, k)
            assert np.abs(found - expected).max() < 1e-9, f"{ours}@{k}"
            assert 0 < found.mean() < 1
            compared += 1
    assert compared == 4 * len(MEASURES)


def test_one_list_is_measured_as_many_are(lists: list[list[int]], liked: list[list[int]]) -> None:
    hits, relevant = hits_of(lists, liked)
    for k in (3, 10):
        assert [ndcg(*pair, k) for pair in zip(lists, liked, strict=True)] == pytest.approx(
            MEASURES["ndcg"](hits, relevant, k)
        )
        assert [recall(*pair, k) for pair in zip(lists, liked, strict=True)] == pytest.approx(
            MEASURES["recall"](hits, relevant, k)
        )


@pytest.mark.parametrize("name", MEASURES)
def test_a_perfect_list_has_the_highest_value_and_one_without_hits_has_none(name: str) -> None:
    relevant = np.array([5, 5])
    hits = np.array([[True] * 5 + [False] * 5, [False] * 10])
    best, worst = MEASURES[name](hits, relevant, 5)
    assert (best, worst) == (pytest.approx(1.0), 0.0)


@pytest.mark.parametrize("name", MEASURES)
def test_a_hit_more_never_lowers_a_measure(name: str) -> None:
    random = np.random.default_rng(3)
    hits = random.random((300, 10)) < 0.3
    more = hits | (random.random(hits.shape) < 0.2)
    relevant = np.full(300, 12)
    assert (MEASURES[name](more, relevant, 7) >= MEASURES[name](hits, relevant, 7) - 1e-12).all()


@pytest.mark.parametrize("name", MEASURES)
def test_a_user_without_relevant_movies_has_no_value(name: str) -> None:
    with pytest.raises(ValueError, match="No relevant"):
        MEASURES[name](np.zeros((2, 3), bool), np.array([1, 0]), 3)


def test_values_by_hand() -> None:
    hits, relevant = np.array([[False, True, False, True]]), np.array([3])
    by_hand = {
        "ndcg": (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3) + 1 / math.log2(4)),
        "map": (1 / 2 + 2 / 4) / 3,
        "mrr": 1 / 2,
        "recall": 2 / 3,
        "precision": 2 / 4,
        "hit_rate": 1.0,
    }
    assert {name: MEASURES[name](hits, relevant, 4)[0] for name in MEASURES} == pytest.approx(by_hand, abs=1e-12)
