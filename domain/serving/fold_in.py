"""A user as the published models see them, from their ratings and what is known of the movies: no training.

Implicit and explicit ALS give a user's factors as the solution of a small system, and biases are shrunken means; so a
user who has just rated is known at once, and whom the training did not know, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

NEUTRAL = 2.0  # stars that say nothing about liking
WATCHED = 0.1  # evidence of a low rating, in stars above the 2 that say nothing


def evidence(stars: NDArray[np.floating]) -> Floats:
    """Evidence of ratings in stars, that the user likes the movie: those above 2 stars, at least WATCHED.

    Hu, Koren & Volinsky, «Collaborative Filtering for Implicit Feedback Datasets», ICDM 2008, with stars for counts.
    """
    return np.maximum(stars - NEUTRAL, WATCHED).astype(np.float32)


def normal_implicit(
    rated: NDArray[np.floating],
    evidence: NDArray[np.floating],
    gram: NDArray[np.floating],
    regularization: float,
    alpha: float,
) -> NDArray[np.float64]:
    """The matrix of the normal equations of a user: gram + sum of alpha · e · y yᵀ + regularization · n · 1.

    For the arguments see `fold_in_implicit`.
    """
    weighted = rated * (alpha * evidence)[:, np.newaxis]
    normal = gram.astype(np.float64) + rated.T @ weighted
    normal[np.diag_indices_from(normal)] += regularization * len(rated)
    return np.asarray(normal, np.float64)


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
        evidence: n, above 0: see `evidence`.
        gram: rank × rank, sum of y yᵀ over all movies.
    """
    normal = normal_implicit(rated, evidence, gram, regularization, alpha)
    return np.asarray(np.linalg.solve(normal, rated.T.astype(np.float64) @ (1.0 + alpha * evidence)), np.float64)


def fold_in_explicit(
    rated: NDArray[np.floating], residuals: NDArray[np.floating], regularization: float
) -> NDArray[np.float64]:
    """The factors x that explicit ALS would give: (sum of y yᵀ + regularization · n · 1) x = sum of residual · y."""
    wide = rated.astype(np.float64)
    normal = wide.T @ wide
    normal[np.diag_indices_from(normal)] += regularization * len(rated)
    return np.asarray(np.linalg.solve(normal, wide.T @ residuals), np.float64)


def user_bias(stars: NDArray[np.floating], item_biases: NDArray[np.floating], mean: float, shrinkage: float) -> float:
    """How many stars above `mean` and the movies' own biases the user rates: a mean shrunken by so many ratings.

    Source: Koren, «Factor in the Neighbors», ACM TKDD 4(1), 2010, section 2.1.
    """
    return float((stars.astype(np.float64) - mean - item_biases).sum() / (len(stars) + shrinkage))
