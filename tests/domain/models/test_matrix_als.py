"""Alternating least squares in one process."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models import matrix_als
from tests.domain.stars.test_models import LEFT, MATRIX, TABLE, THERE


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
