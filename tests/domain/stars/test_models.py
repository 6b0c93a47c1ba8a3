"""Models of stars as matrices, against naive computations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from domain.models.rating_matrix import RatingMatrix, Triples
from domain.stars.models import biases, from_neighbours, residuals, similarities

RANDOM = np.random.default_rng(11)
THERE = RANDOM.random((15, 10)) < 0.6
TABLE = np.where(THERE, RANDOM.integers(1, 11, THERE.shape) / 2, 0.0)


def ratings(table: np.ndarray) -> Triples:
    users, movies = np.nonzero(table)
    return Triples(users.astype(np.int32), movies.astype(np.int32), table[users, movies].astype(np.float32))


MATRIX = RatingMatrix.of(ratings(TABLE))
LEFT = residuals(MATRIX, biases(MATRIX, 5.0))


def test_biases_of_many_rounds_minimize_squares_and_penalty() -> None:
    found = biases(MATRIX, 4.0, rounds=200)
    left = np.where(THERE, TABLE - found.mean - found.users[:, None] - found.movies, 0.0)
    assert left.sum(axis=1) - 4.0 * found.users == pytest.approx(0.0, abs=1e-5)  # the derivative by each bias
    assert left.sum(axis=0) - 4.0 * found.movies == pytest.approx(0.0, abs=1e-5)


def test_residuals_are_what_mean_and_biases_leave() -> None:
    found = biases(MATRIX, 5.0)
    naive = TABLE - found.mean - found.users[:, None] - found.movies
    assert LEFT.toarray()[THERE] == pytest.approx(naive[THERE], abs=1e-6)


def naive_similarity(i: int, j: int, shrinkage: float) -> float:
    both = THERE[:, i] & THERE[:, j]
    left = LEFT.toarray()
    a, b = left[both, i], left[both, j]
    return both.sum() / (both.sum() + shrinkage) * (a @ b) / np.sqrt((a @ a) * (b @ b))


def test_similarities_equal_a_naive_computation() -> None:
    found = similarities(LEFT, 3.0)
    for i in range(10):
        for j in range(10):
            assert found[i, j] == pytest.approx(0.0 if i == j else naive_similarity(i, j, 3.0), abs=1e-5)


def test_movies_without_a_common_user_are_not_alike() -> None:
    assert not similarities(csr_matrix(np.eye(4, dtype=np.float32)), 10.0).any()


@pytest.mark.parametrize("neighbours", [1, 3, 50])
def test_neighbours_on_residuals_equal_a_naive_computation(neighbours: int) -> None:
    similar, left = similarities(LEFT, 3.0), LEFT.toarray()
    rows, columns = (places.astype(np.int64) for places in np.nonzero(~THERE))
    found = from_neighbours(
        rows, columns, LEFT.indptr.astype(np.int64), LEFT.indices, LEFT.data, similar, neighbours, 0.5
    )
    for user, movie, value in zip(rows, columns, found, strict=True):
        rated = sorted(np.flatnonzero(THERE[user]), key=lambda j: (-similar[movie, j], j))[:neighbours]
        near = [j for j in rated if similar[movie, j] > 0]
        naive = sum(similar[movie, j] * left[user, j] for j in near) / (0.5 + sum(similar[movie, j] for j in near))
        assert value == pytest.approx(naive, abs=1e-6)
