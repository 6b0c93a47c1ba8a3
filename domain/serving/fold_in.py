"""Factors of a user whom the training did not know, from their ratings and the movies' factors: a ridge regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fold_in_implicit(
    rated: NDArray[np.floating],
    evidence: NDArray[np.floating],
    gram: NDArray[np.floating],
    regularization: float,
    alpha: float,
) -> NDArray[np.float64]:
    """The factors x that implicit ALS would give the user with the movies' factors as they are.

    (gram + sum of alpha · e · y yᵀ + regularization · n · 1) x = sum of (1 + alpha · e) · y, over the n rated movies.
    Source: Hu, Koren & Volinsky 2008, equation 4, with λ times n as MLlib has it.

    Args:
        rated: n × rank, factors y of the rated movies, n at least 1.
        evidence: n, above 0: see `spark_jobs.models.transforms.mllib.evidence`.
        gram: rank × rank, sum of y yᵀ over all movies.
    """
    weighted = rated * (alpha * evidence)[:, np.newaxis]
    return _solve(gram + rated.T @ weighted, (rated + weighted).sum(axis=0), regularization * len(rated))


def fold_in_explicit(
    rated: NDArray[np.floating], residuals: NDArray[np.floating], regularization: float
) -> NDArray[np.float64]:
    """The factors x that explicit ALS would give: (sum of y yᵀ + regularization · n · 1) x = sum of residual · y."""
    return _solve(rated.T @ rated, rated.T @ residuals, regularization * len(rated))


def _solve(normal: NDArray[np.floating], right: NDArray[np.floating], ridge: float) -> NDArray[np.float64]:
    rank = len(right)
    solved = np.linalg.solve(normal.astype(np.float64) + ridge * np.eye(rank), right.astype(np.float64))
    return solved.astype(np.float64)
