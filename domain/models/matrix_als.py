"""Alternating least squares in one process, for ratings that one process holds easily.

Objective and compiled kernel are those of `spark_jobs/models/block_als.py`, without files and tasks: an iteration on
100,000 ratings takes hundredths of a second, less than it costs Spark to begin a task.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.models.least_squares import STEPS, Floats, gramian, random_start, solve_rows
from domain.models.rating_matrix import RatingMatrix
from domain.models.settings import preference

FOLD_IN_STEPS = 30  # of conjugate gradients from nothing, where training has a warm start


@dataclass(frozen=True)
class Weighted:
    """A least-squares problem: `ratings` has a value in each rated place, `quadratic` and `linear` one for each value.

    `unobserved` is the weight of every place that has no rating: see domain/models/least_squares.py.
    """

    ratings: csr_matrix
    quadratic: Floats
    linear: Floats
    unobserved: float

    def turned(self) -> Weighted:
        """The same problem with movies as rows."""
        order = csr_matrix((np.arange(self.ratings.nnz), *self._places()), shape=self.ratings.shape).tocsc()
        rows = csr_matrix((self.ratings.data[order.data], order.indices, order.indptr), shape=self.ratings.shape[::-1])
        return Weighted(rows, self.quadratic[order.data], self.linear[order.data], self.unobserved)

    def solve(self, rows: Floats, others: Floats, regularization: float, steps: int = STEPS) -> None:
        """Improve `rows` in place, given the other side's factors; λ is multiplied by the number of ratings."""
        indptr = self.ratings.indptr.astype(np.int64)
        squares = (self.unobserved * gramian(others)).astype(np.float32)
        scaled = (regularization * np.diff(indptr)).astype(np.float32)
        columns = self.ratings.indices.astype(np.int32)
        solve_rows(indptr, columns, self.quadratic, self.linear, others, squares, scaled, rows, steps)

    def _places(self) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
        return self.ratings.indices, self.ratings.indptr


def implicit(stars: csr_matrix, alpha: float) -> Weighted:
    """Preference 1 for rated and 0 for not, confidence 1 + alpha · evidence, as `fit_implicit` of MLlib's engine."""
    return Weighted(stars, *preference(stars.data, alpha), unobserved=1.0)


def explicit(residuals: csr_matrix) -> Weighted:
    """Least squares over the given values alone, as `fit_explicit` of MLlib's engine."""
    return Weighted(residuals, np.ones(residuals.nnz, np.float32), residuals.data.astype(np.float32), unobserved=0.0)


def iterate(problem: Weighted, rank: int, regularization: float, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """The factors of rows and columns after each iteration, without end; the arrays are overwritten by the next."""
    turned = problem.turned()
    count, other_count = problem.ratings.shape
    rows = np.zeros((count, rank), np.float32)
    others = random_start(other_count, rank, seed)
    while True:
        problem.solve(rows, others, regularization)
        turned.solve(others, rows, regularization)
        yield rows, others


def fit(problem: Weighted, rank: int, regularization: float, iterations: int, seed: int) -> tuple[Floats, Floats]:
    """The factors of rows (users) and columns (movies) after so many iterations."""
    steps = iterate(problem, rank, regularization, seed)
    return deque((next(steps) for _ in range(iterations)), maxlen=1).pop()


def with_strangers(
    matrix: RatingMatrix,
    values: csr_matrix,
    state: Callable[[csr_matrix], Weighted],
    trained: Floats,
    movies: Floats,
    regularization: float,
) -> Floats:
    """Factors of all users of `matrix`: trained ones, and of those not learned from folded-in ones.

    `values` are what ALS was to explain (users × movies: stars or residuals), `state` states its problem for some rows.
    """
    users = np.zeros((len(matrix.users), movies.shape[1]), np.float32)
    users[matrix.learned] = trained
    if len(strangers := np.flatnonzero(~matrix.learned)):
        users[strangers] = fold_in(state(values[strangers]), movies, regularization)
    return users


def fold_in(problem: Weighted, movies: Floats, regularization: float) -> Floats:
    """Factors of the rows of `problem`, with the movies' as they are."""
    rows = np.zeros((problem.ratings.shape[0], movies.shape[1]), np.float32)
    problem.solve(rows, movies, regularization, FOLD_IN_STEPS)
    return rows
