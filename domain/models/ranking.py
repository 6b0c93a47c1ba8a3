"""The blend that ranks, learned in one process: what train_als learns on the cluster, for ratings that are few."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.models import matrix_als
from domain.models.blended_lists import Histories, RankingModel
from domain.models.co_rating import head_of, together
from domain.models.item_models import regularized_inverse
from domain.models.largest_products import NOTHING
from domain.models.least_squares import Floats
from domain.models.rating_matrix import RatingMatrix
from domain.models.settings import ModelSettings
from domain.models.sparse_ease import loudest


def fitted(
    matrix: RatingMatrix, settings: ModelSettings, most: int, seed: int, factors: tuple[Floats, Floats] | None = None
) -> tuple[RankingModel, Floats]:
    """The blend, whose head has at most `most` movies, and the factors of all users of the matrix (users × rank).

    `factors` of users learned from and of movies are found here if they are not given. Users are folded in whether ALS
    has learned from them or not, as when lists are published.
    """
    training, als = matrix.training, settings.ranking
    problem = partial(matrix_als.implicit, alpha=als.alpha)
    if factors is None:
        factors = matrix_als.fit(problem(training), als.rank, als.regularization, als.iterations, seed)
    movies = factors[1]
    everyone = matrix_als.fold_in(problem(matrix.stars), movies, als.regularization)
    raters = np.bincount(training.indices, minlength=training.shape[1])
    head = head_of(raters, most)
    rows = loudest(regularized_inverse(together(training, head)[0], settings.ease.regularization))
    model = RankingModel(movies, raters.astype(np.float64), head, rows.columns, rows.weights, settings.blend)
    return model, everyone


def best_of(
    model: RankingModel, users: Floats, matrix: RatingMatrix, rows: NDArray[np.integer], n: int
) -> NDArray[np.intp]:
    """Positions (len(rows) × n) of the best movies that a row has not rated, best first, NONE beyond the end.

    Row -1 is a user of whom nothing is known, and has no list; neither has one without a rating.
    """
    lists = np.full((len(rows), n), NONE)
    known = np.flatnonzero((rows >= 0) & (np.diff(matrix.stars.indptr)[rows] > 0))
    found = model.lists(users[rows[known]], histories_of(matrix.stars, rows[known]), n)
    lists[known, : found.positions.shape[1]] = np.where(found.scores > NOTHING, found.positions, NONE)
    return lists


def histories_of(stars: csr_matrix, rows: NDArray[np.integer]) -> Histories:
    """The histories of some rows of users × movies."""
    some = stars[rows]
    return Histories(some.indptr.astype(np.int64), some.indices.astype(np.intp))
