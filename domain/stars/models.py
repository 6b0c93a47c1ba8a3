"""Models that predict stars, as matrices in one process: biases, and neighbours on what biases leave.

Residuals are ratings minus mean, movie's and user's bias: see spark_jobs/models/transforms/biases.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.models.least_squares import Floats
from domain.models.rating_matrix import RatingMatrix

Wide = NDArray[np.float64]
BLOCK = 1000  # rows of a dense block of the movies' matrix
DAMPING = 1.0  # of the weights of a prediction, so that far neighbours alone say little


@dataclass(frozen=True)
class Biases:
    """`mean` of the training part, and biases of the matrix's `users` and `movies`, all in stars."""

    mean: float
    users: Wide
    movies: Wide

    def base(self, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> Wide:
        """Stars by biases alone, not yet within the scale; what is unknown (position -1) counts as 0."""
        of_users = np.where(rows < 0, 0.0, self.users[rows])
        return self.mean + of_users + np.where(columns < 0, 0.0, self.movies[columns])


def biases(matrix: RatingMatrix, shrinkage: float, rounds: int = 1) -> Biases:
    """Biases by the formulas of the jobs; more rounds fit movies and users again, each to what the others leave.

    Their limit is the minimum of squared errors plus shrinkage times the squared biases.
    """
    stars, training = matrix.stars, matrix.training
    mean = float(training.data.mean(dtype=np.float64))
    of_users = np.zeros(stars.shape[0])
    for _ in range(rounds):
        of_movies = _shrunken(training.T.tocsr(), mean, of_users[matrix.learned], shrinkage)
        of_users = _shrunken(stars, mean, of_movies, shrinkage)
    return Biases(mean, of_users, of_movies)


def residuals(matrix: RatingMatrix, found: Biases) -> csr_matrix:
    """The rest of each known rating after mean and biases (users × movies, float32)."""
    stars = matrix.stars
    rows = np.repeat(np.arange(stars.shape[0]), np.diff(stars.indptr))
    left = stars.data - found.base(rows, stars.indices)
    return csr_matrix((left.astype(np.float32), stars.indices, stars.indptr), shape=stars.shape)


def similarities(left: csr_matrix, shrinkage: float) -> Floats:
    """Likeness of movies by how those who rated both rated them (movies × movies, diagonal 0).

    With r the residuals and n the number of users who rated both,

        s_ij = n / (n + shrinkage) · (sum of r_ui r_uj) / sqrt((sum of r_ui²) (sum of r_uj²)), sums over these users.

    Source: Koren, «Factor in the Neighbors», ACM TKDD 4(1), 2010, section 2.2 (shrunk correlation of residuals).
    Takes 4 bytes for each pair of movies, and BLOCK rows of 8 bytes four times over.
    """
    columns, both = left.astype(np.float64).tocsc(), left.astype(np.float64)
    rated = _filled(both, np.ones(both.nnz))
    squared = _filled(both, both.data**2)
    similar = np.empty((left.shape[1], left.shape[1]), np.float32)
    for start in range(0, len(similar), BLOCK):
        block = columns[:, start : start + BLOCK].tocsr()
        ones, squares = _filled(block, np.ones(block.nnz)), _filled(block, block.data**2)
        common = (ones.T @ rated).toarray()
        lengths = np.sqrt((squares.T @ rated).toarray() * (ones.T @ squared).toarray())
        weight = common / (common + shrinkage) / np.maximum(lengths, np.finfo(np.float64).tiny)
        similar[start : start + BLOCK] = (block.T @ both).toarray() * weight
    np.fill_diagonal(similar, 0.0)
    return similar


@numba.njit(nogil=True, cache=True)
def from_neighbours(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    offsets: NDArray[np.int64],
    rated: NDArray[np.int32],
    left: Floats,
    similar: Floats,
    neighbours: int,
    damping: float,
) -> Wide:
    """Residuals predicted for pairs of user and movie (n, stars) from what the user rated.

        sum of s_ij r_uj / (damping + sum of s_ij) over the `neighbours` movies j of the user with the highest s_ij > 0

    Source: Koren 2010, equation 3. Where a row or column is -1 (unknown), or nothing is alike, it is 0. `offsets`,
    `rated` and `left` are indptr, indices and data of the residuals, `similar` is that of `similarities`.
    """
    predicted = np.zeros(len(rows))
    for k in range(len(rows)):
        if rows[k] < 0 or columns[k] < 0:
            continue
        first, last = offsets[rows[k]], offsets[rows[k] + 1]
        near = similar[columns[k]][rated[first:last]]
        own = left[first:last]
        if neighbours < len(near):
            best = np.argsort(-near, kind="mergesort")[:neighbours]
            near, own = near[best], own[best]
        weight, total = damping, 0.0
        for j in range(len(near)):
            if near[j] > 0.0:
                weight += near[j]
                total += near[j] * own[j]
        predicted[k] = total / weight if weight > 0.0 else 0.0
    return predicted


def _shrunken(ratings: csr_matrix, mean: float, others: Wide, shrinkage: float) -> Wide:
    """The sum over each row of rating - mean - the column's bias, divided by shrinkage + number of ratings."""
    deviations = ratings.data - mean - others[ratings.indices]
    rows = np.repeat(np.arange(ratings.shape[0]), np.diff(ratings.indptr))
    sums = np.bincount(rows, weights=deviations, minlength=ratings.shape[0])
    return np.asarray(sums / (shrinkage + np.diff(ratings.indptr)))


def _filled(matrix: csr_matrix, values: Wide) -> csr_matrix:
    return csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)
