"""Predicted stars of several models side by side, and of them all together.

A blend is refined biases plus a weight for what each model adds to them. The weights are a ridge regression on a part
of the training ratings that the models did not see, so that a model which is too timid there is heard louder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.models import matrix_als
from domain.models.blended_lists import Histories
from domain.models.co_rating import head_of, together
from domain.models.least_squares import Floats
from domain.models.rating_matrix import RatingMatrix, Triples, places
from domain.models.settings import SHRINKAGE, Neighbours, Settings
from domain.stars.models import Biases, Wide, biases, from_neighbours, residuals, similarities
from domain.stars.neighbours import NearSettings, nearest
from domain.stars.published import StarModel, StarUsers, predict_pairs

Places = NDArray[np.int64]
ROUNDS = 5  # of fitting biases in turn; more change nothing
ASIDE = 0.1  # of the training ratings, to fit the weights on
RIDGE = 10.0  # ratings' worth of doubt about a weight
MODELS = ("als", "item-knn", "user-knn")
Fit = Callable[[csr_matrix, Settings, int], tuple[Floats, Floats]]  # residuals, settings, seed: factors of both sides


@dataclass(frozen=True)
class StarSettings:
    """Settings of the models that predict stars; up to `largest` users or movies have a matrix of similarities."""

    als: Settings
    neighbours: Neighbours
    largest: int
    seed: int


@dataclass(frozen=True)
class Predicted:
    """Stars, not yet within the scale, for n ratings: by refined biases, and by each of the models."""

    base: Wide
    of: dict[str, Wide]

    def blended(self, weights: dict[str, float]) -> Wide:
        """Biases plus the weighted additions of the models; of one model with weight 1 that model."""
        return self.base + sum(weight * (self.of[name] - self.base) for name, weight in weights.items())


def predict(matrix: RatingMatrix, wanted: Triples, settings: StarSettings, fit: Fit | None = None) -> Predicted:
    """Predictions for the ratings `wanted`, whose stars are not looked at: `bias_only` and those of MODELS.

    A model whose matrix of similarities would be too large is left out. `fit` finds factors, by default here.
    """
    rows, columns = (places(*ids) for ids in ((matrix.users, wanted.users), (matrix.movies, wanted.movies)))
    plain, refined = (biases(matrix, SHRINKAGE, rounds) for rounds in (1, ROUNDS))
    base = refined.base(rows, columns)
    stars = {"bias_only": plain.base(rows, columns)}
    factors = _by_als(matrix, plain, settings, fit or _fit)
    stars["als"] = stars["bias_only"] + products(*factors, rows, columns)
    stars["published"] = _published(matrix, plain, factors, rows, columns, settings.largest)
    left = residuals(matrix, refined)
    learned = left if matrix.learned.all() else left[np.flatnonzero(matrix.learned)]
    if len(matrix.movies) <= settings.largest:
        similar = similarities(learned, settings.neighbours.shrinkage)
        stars["item-knn"] = base + _by_neighbours(left, rows, columns, similar, settings.neighbours)
    if len(matrix.users) <= settings.largest:
        similar = similarities(left.T.tocsr(), settings.neighbours.shrinkage)
        lent = _only(left, matrix.learned).T.tocsr()  # nobody learns from the histories of strangers
        stars["user-knn"] = base + _by_neighbours(lent, columns, rows, similar, settings.neighbours)
    return Predicted(base, stars)


def fitted_weights(predicted: Predicted, stars: NDArray[np.floating]) -> dict[str, float]:
    """The weight of each of MODELS that is there, by ridge regression of stars - biases on what they add to these."""
    names = [name for name in MODELS if name in predicted.of]
    added = np.column_stack([predicted.of[name] - predicted.base for name in names])
    normal = added.T @ added + RIDGE * np.diag(np.maximum((added**2).mean(axis=0), np.finfo(np.float64).tiny))
    weights = np.linalg.solve(normal, added.T @ (stars - predicted.base))
    return dict(zip(names, map(float, weights), strict=True))


def set_aside(ratings: Triples, seed: int) -> tuple[Triples, Triples]:
    """Ratings to learn from, and the share ASIDE of them, drawn."""
    drawn = np.random.default_rng(seed).random(len(ratings.stars)) < ASIDE
    return ratings.where(~drawn), ratings.where(drawn)


def within_scale(stars: Wide, training: Triples) -> Wide:
    """Predictions within the scale that the training ratings use: older releases of MovieLens begin at 1."""
    return np.clip(stars, training.stars.min(), training.stars.max())


def _by_als(matrix: RatingMatrix, plain: Biases, settings: StarSettings, fit: Fit) -> tuple[Floats, Floats]:
    """Factors of users, trained or folded in, and of movies."""
    left = residuals(matrix, plain)
    trained, movies = fit(left[np.flatnonzero(matrix.learned)], settings.als, settings.seed)
    problem, regularization = matrix_als.explicit, settings.als.regularization
    return matrix_als.with_strangers(matrix, left, problem, trained, movies, regularization), movies


def _published(
    matrix: RatingMatrix, plain: Biases, factors: tuple[Floats, Floats], rows: Places, columns: Places, most: int
) -> Wide:
    """What train_als would publish: see published.py; of users of whom nothing is known it is biases alone."""
    left = residuals(matrix, plain)
    learned = left[np.flatnonzero(matrix.learned)]
    head = head_of(np.bincount(learned.indices, minlength=learned.shape[1]), most)
    counts, sums = together(learned, head)
    near = nearest(counts, sums, np.diag(sums).astype(np.float64), 0, NearSettings())
    model = StarModel(plain.mean, plain.movies, factors[1], head, near)
    stars = matrix.stars
    histories = Histories(stars.indptr.astype(np.int64), stars.indices.astype(np.intp))
    users = StarUsers(plain.users, factors[0], histories, stars.data)
    predicted = plain.base(rows, columns)
    known = np.flatnonzero(rows >= 0)
    predicted[known] = predict_pairs(model, users, rows[known], columns[known])
    return predicted


def products(users: Floats, movies: Floats, rows: Places, columns: Places) -> Wide:
    """The products of the factors of pairs of user and movie, 0 where a position is -1 (unknown)."""
    values = np.einsum("ij,ij->i", users[rows], movies[columns], dtype=np.float64)
    return np.where((rows < 0) | (columns < 0), 0.0, values)


def _fit(left: csr_matrix, settings: Settings, seed: int) -> tuple[Floats, Floats]:
    return matrix_als.fit(matrix_als.explicit(left), settings.rank, settings.regularization, settings.iterations, seed)


def _by_neighbours(left: csr_matrix, rows: Places, columns: Places, similar: Floats, settings: Neighbours) -> Wide:
    offsets, rated = left.indptr.astype(np.int64), left.indices.astype(np.int32)
    return np.asarray(
        from_neighbours(rows, columns, offsets, rated, left.data, similar, settings.count, settings.damping)
    )


def _only(left: csr_matrix, kept: NDArray[np.bool_]) -> csr_matrix:
    """The matrix with the other rows empty."""
    if kept.all():
        return left
    lengths = np.diff(left.indptr)
    values = np.repeat(kept, lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths * kept)])
    return csr_matrix((left.data[values], left.indices[values], offsets), shape=left.shape)
