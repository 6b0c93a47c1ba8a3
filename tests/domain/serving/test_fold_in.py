"""Folded-in factors are the minimum of the objective that ALS has for one user."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from domain.serving.fold_in import fold_in_explicit, fold_in_implicit

RANDOM = np.random.default_rng(7)
MOVIES = RANDOM.normal(size=(12, 3))
RATED = [1, 4, 5, 9]
REGULARIZATION, ALPHA = 0.3, 1.5


def test_implicit_factors_minimize_the_weighted_squares_over_all_movies() -> None:
    evidence = np.array([0.1, 2.0, 3.0, 0.5])
    confidence, preference = np.ones(12), np.zeros(12)
    confidence[RATED] += ALPHA * evidence
    preference[RATED] = 1.0

    def objective(x: np.ndarray) -> float:
        return float(confidence @ (preference - MOVIES @ x) ** 2 + REGULARIZATION * len(RATED) * x @ x)

    factors = fold_in_implicit(MOVIES[RATED], evidence, MOVIES.T @ MOVIES, REGULARIZATION, ALPHA)
    assert factors == pytest.approx(minimize(objective, np.zeros(3)).x, abs=1e-5)


def test_explicit_factors_minimize_the_squares_over_the_rated_movies() -> None:
    residuals = np.array([0.5, -1.0, 2.0, 0.0])

    def objective(x: np.ndarray) -> float:
        return float(((residuals - MOVIES[RATED] @ x) ** 2).sum() + REGULARIZATION * len(RATED) * x @ x)

    factors = fold_in_explicit(MOVIES[RATED], residuals, REGULARIZATION)
    assert factors == pytest.approx(minimize(objective, np.zeros(3)).x, abs=1e-5)
