"""Several models' scores as one ranking: each user's scores are made comparable, then weighted.

A `Scorer` gives the scores (len(rows) × movies) of some rows of a `RatingMatrix`; higher is better. Only the order of
a model's scores within a user means anything, and their scales differ by model and user: z-scores over the user's
candidates, which are the movies not rated yet, have mean 0 and standard deviation 1 for every model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.evaluation.ranking import top_n
from domain.models import matrix_als
from domain.models.item_models import ease, watched
from domain.models.least_squares import Floats
from domain.models.rating_matrix import RatingMatrix
from domain.models.settings import Settings

Rows = NDArray[np.intp]
Scores = NDArray[np.floating]
Scorer = Callable[[Rows], Scores]
BLOCK = 1000  # users at a time: 160 MB of float64 for 20,000 movies


def by_similarity(history: csr_matrix, similar: NDArray[np.float32]) -> Scorer:
    """The sum of a movie's similarities to the user's; see item_models.py."""
    return lambda rows: history[rows] @ similar


def ease_scorer(matrix: RatingMatrix, regularization: float) -> Scorer:
    """Scores of EASE on which movies were rated, whatever the stars."""
    return by_similarity(watched(matrix.stars), ease(watched(matrix.training), regularization))


def by_factors(users: NDArray[np.float32], movies: NDArray[np.float32]) -> Scorer:
    """Products of factors (users × rank, movies × rank)."""
    return lambda rows: users[rows] @ movies.T


def als_scorer(matrix: RatingMatrix, settings: Settings, users: Floats, movies: Floats) -> Scorer:
    """Scores of implicit ALS by the factors of users that it learned from; other users are folded in."""
    problem = partial(matrix_als.implicit, alpha=settings.alpha)
    everyone = matrix_als.with_strangers(matrix, matrix.stars, problem, users, movies, settings.regularization)
    return by_factors(everyone, movies)


def z_scores(scores: Scores, rated: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each row with mean 0 and standard deviation 1 over the places not `rated`; 0 where all are alike."""
    candidates = ~rated
    count = np.maximum(candidates.sum(axis=1), 1)
    means = (scores * candidates).sum(axis=1, dtype=np.float64) / count
    centred = scores - means[:, np.newaxis]
    spread = np.sqrt((centred**2 * candidates).sum(axis=1) / count)
    # sums of equal numbers may leave their rounding errors, which must not be blown up to a taste
    alike = spread <= 1e-12 * np.maximum(np.abs(means), np.finfo(np.float64).tiny)
    return np.where(alike[:, np.newaxis], 0.0, centred / np.where(alike, 1.0, spread)[:, np.newaxis])


def blended(parts: Sequence[tuple[Scorer, float]], rows: Rows, rated: NDArray[np.bool_]) -> Scores:
    """Weighted z-scores of the rows; the scores of a model that has all the weight as they are."""
    heard = [(scorer, weight) for scorer, weight in parts if weight != 0.0]
    if len(heard) == 1:
        return heard[0][0](rows)
    return np.sum([weight * z_scores(scorer(rows), rated) for scorer, weight in heard], axis=0)


def best_blended(parts: Sequence[tuple[Scorer, float]], stars: csr_matrix, rows: Rows, n: int) -> NDArray[np.intp]:
    """Positions (len(rows) × n) of the best movies that a row has not rated, best first, NONE beyond the end.

    Row -1 is a user of whom nothing is known, and has no list; neither has one without a rating. Of equal scores the
    lower position comes first.
    """
    lists = np.full((len(rows), n), NONE)
    known = np.flatnonzero((rows >= 0) & (np.diff(stars.indptr)[rows] > 0))
    for start in range(0, len(known), BLOCK):
        places = known[start : start + BLOCK]
        rated = stars[rows[places]].astype(bool).toarray()
        scores = np.where(rated, -np.inf, blended(parts, rows[places], rated))
        for place, own, candidates in zip(places, scores, (~rated).sum(axis=1), strict=True):
            best = top_n(own, min(n, int(candidates)))
            lists[place, : len(best)] = best
    return lists
