"""Models of stars as matrices, against naive computations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from domain.models import matrix_als
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import Settings
from domain.models.star_blend import Neighbours, StarSettings, predict
from domain.models.star_models import biases, from_neighbours, residuals, similarities

RANDOM = np.random.default_rng(11)
THERE = RANDOM.random((15, 10)) < 0.6
TABLE = np.where(THERE, RANDOM.integers(1, 11, THERE.shape) / 2, 0.0)
ALS = Settings(rank=3, regularization=0.1, alpha=1.0, iterations=5, blocks=1)


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


def test_of_the_unknown_every_model_says_what_biases_say() -> None:
    wanted = Triples(np.array([0, 99, 99], np.int32), np.array([99, 0, 99], np.int32), np.zeros(3, np.float32))
    predicted = predict(MATRIX, wanted, StarSettings(ALS, Neighbours(), 100, 0))
    for name in ("als", "item-knn", "user-knn"):
        expected = predicted.of["bias_only"] if name == "als" else predicted.base
        assert predicted.of[name] == pytest.approx(expected)
    assert predicted.base[2] == pytest.approx(TABLE[THERE].mean())


def test_what_is_too_large_for_a_matrix_of_similarities_is_left_out() -> None:
    some = ratings(TABLE)
    assert set(predict(MATRIX, some, StarSettings(ALS, Neighbours(), 12, 0)).of) == {"bias_only", "als", "item-knn"}
    assert set(predict(MATRIX, some, StarSettings(ALS, Neighbours(), 5, 0)).of) == {"bias_only", "als"}


def test_nobody_learns_from_strangers_whose_histories_are_known() -> None:
    """What is predicted for a learned user is the same with and without the histories of others."""
    training, history = ratings(TABLE[:10]), ratings(np.vstack([np.zeros((10, 10)), TABLE[10:]]))
    wanted, settings = ratings(np.where(THERE[:10], 0.0, 1.0)), StarSettings(ALS, Neighbours(), 100, 0)
    alone = predict(RatingMatrix.of(training), wanted, settings)
    beside = predict(RatingMatrix.of(training, history), wanted, settings)
    for name, stars in alone.of.items():
        assert beside.of[name] == pytest.approx(stars, abs=1e-5), name


def test_a_stranger_is_folded_in_as_the_user_they_equal() -> None:
    training = ratings(TABLE)
    copied = Triples(
        training.users[training.users == 4] + 100,
        training.movies[training.users == 4],
        training.stars[training.users == 4],
    )
    matrix = RatingMatrix.of(training, copied)
    settings = StarSettings(Settings(3, 0.1, 1.0, 60, 1), Neighbours(), 100, 0)
    movies = np.arange(10, dtype=np.int32)
    wanted = [Triples(np.full(10, user, np.int32), movies, np.zeros(10, np.float32)) for user in (4, 104)]
    own, other = (predict(matrix, one, settings) for one in wanted)
    for name in ("bias_only", "als", "item-knn"):
        assert other.of[name] == pytest.approx(own.of[name], abs=1e-2), name


def test_factors_of_one_process_are_the_minimum() -> None:
    """Each side's normal equations hold: the same objective as that of MLlib and of the blocks."""
    problem = matrix_als.implicit(MATRIX.stars, alpha=1.5)
    users, movies = matrix_als.fit(problem, rank=3, regularization=0.3, iterations=80, seed=1)
    confidence = np.where(THERE, 1.5 * np.maximum(TABLE - 2.0, 0.1), 0.0)
    for row in range(15):
        normal = movies.T @ (movies * (1 + confidence[row])[:, None]) + 0.3 * THERE[row].sum() * np.eye(3)
        right = movies.T @ ((1 + confidence[row]) * THERE[row])
        assert users[row] == pytest.approx(np.linalg.solve(normal, right), abs=2e-3)


def test_folding_in_equals_the_last_half_step() -> None:
    problem = matrix_als.explicit(LEFT)
    _, movies = matrix_als.fit(problem, rank=3, regularization=0.2, iterations=20, seed=1)
    folded = matrix_als.fold_in(problem, movies, 0.2)
    for row in range(15):
        own = movies[THERE[row]]
        exact = np.linalg.solve(own.T @ own + 0.2 * len(own) * np.eye(3), own.T @ LEFT[row].data)
        assert folded[row] == pytest.approx(exact, abs=1e-3)
