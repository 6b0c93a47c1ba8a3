"""Trials of tuning: one training with some settings, measured on a validation part that it did not see.

Trials work on arrays in one process, so that a Spark task can be one. Models that learn in iterations give a value
after some of these, so that a hopeless trial can be ended early, and the best number of iterations is found on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.evaluation.ranking import Values, ndcg_of_hits
from domain.evaluation.trial import Truth
from domain.models import matrix_als
from domain.models.blend import Rows, Scorer, als_scorer, best_blended
from domain.models.blended_lists import RankingModel
from domain.models.least_squares import Floats
from domain.models.ranking import best_of
from domain.models.rating_matrix import RatingMatrix, Triples, places
from domain.models.settings import SHRINKAGE, Settings
from domain.stars.blend import Predicted, StarSettings, fitted_weights, predict, products, within_scale
from domain.stars.models import biases, residuals

MEASURED = 5000  # users whose lists are measured at most: their mean is certain enough to choose by
STEP = 4  # iterations between two values of a trial


@dataclass(frozen=True)
class Bench:
    """The ratings that trials learn from and those that they are measured on: parts of an evaluation's training part.

    `validation` are ratings; those with `relevant_from` stars or more are the movies that lists of `k` should hold.
    """

    training: Triples
    history: Triples | None
    validation: Triples
    relevant_from: float
    k: int
    seed: int

    @cached_property
    def matrix(self) -> RatingMatrix:
        """The ratings to learn from."""
        return RatingMatrix.of(self.training, self.history)

    @cached_property
    def truth(self) -> Truth:
        """The movies that lists should hold; those of some drawn users when there are many."""
        liked = self.validation.where(self.validation.stars >= self.relevant_from)
        users = np.unique(liked.users)
        if len(users) > MEASURED:
            drawn = np.random.default_rng(self.seed).choice(users, MEASURED, replace=False)
            liked = liked.where(np.isin(liked.users, drawn))
        movies = self.matrix.movies
        return Truth.of(liked.users, liked.movies, movies, np.zeros(len(movies)))

    @cached_property
    def rows(self) -> Rows:
        """The row of each measured user, -1 for those of whom nothing is known."""
        return places(self.matrix.users, self.truth.users)

    def ndcg_by_user(self, parts: Sequence[tuple[Scorer, float]]) -> Values:
        """nDCG@k of each measured user's list by a blend of scores; without a list it is 0."""
        lists = best_blended(parts, self.matrix.stars, self.rows, self.k)
        return ndcg_of_hits(self.truth.hits(lists), self.truth.relevant, self.k)

    def ndcg(self, parts: Sequence[tuple[Scorer, float]]) -> float:
        """The mean of `ndcg_by_user`."""
        return float(self.ndcg_by_user(parts).mean())

    def ndcg_of_blend(self, model: RankingModel, users: Floats) -> Values:
        """nDCG@k of each measured user's list by the blend; `users` are factors of the rows of the matrix."""
        lists = best_of(model, users, self.matrix, self.rows, self.k)
        return ndcg_of_hits(self.truth.hits(lists), self.truth.relevant, self.k)

    def rmse(self, predicted: np.ndarray) -> float:
        """Root mean squared error of predicted stars over all validation ratings."""
        return float(np.sqrt(((within_scale(predicted, self.training) - self.validation.stars) ** 2).mean()))


def ranking_steps(bench: Bench, settings: Settings) -> Iterator[tuple[int, float]]:
    """Iterations so far and nDCG of implicit ALS, every STEP iterations up to those of `settings`."""
    matrix = bench.matrix
    problem = matrix_als.implicit(matrix.training, settings.alpha)
    steps = matrix_als.iterate(problem, settings.rank, settings.regularization, bench.seed)
    for iteration in range(1, settings.iterations + 1):
        factors = next(steps)
        if iteration % STEP == 0 or iteration == settings.iterations:
            yield iteration, bench.ndcg([(als_scorer(bench.matrix, settings, *factors), 1.0)])


def star_steps(bench: Bench, settings: Settings) -> Iterator[tuple[int, float]]:
    """Iterations so far and RMSE of explicit ALS on residuals of biases, as `ranking_steps`."""
    matrix, wanted = bench.matrix, bench.validation
    rows, columns = places(matrix.users, wanted.users), places(matrix.movies, wanted.movies)
    found = biases(matrix, SHRINKAGE)
    base, left = found.base(rows, columns), residuals(matrix, found)
    problem = matrix_als.explicit(left[np.flatnonzero(matrix.learned)])
    steps = matrix_als.iterate(problem, settings.rank, settings.regularization, bench.seed)
    for iteration in range(1, settings.iterations + 1):
        trained, movies = next(steps)
        if iteration % STEP == 0 or iteration == settings.iterations:
            users = matrix_als.with_strangers(
                matrix, left, matrix_als.explicit, trained, movies, settings.regularization
            )
            yield iteration, bench.rmse(base + products(users, movies, rows, columns))


def star_blend_rmse(bench: Bench, settings: StarSettings) -> float:
    """RMSE of the blend of all models of stars; weights fitted on one half of the validation part serve the other."""
    predicted = predict(bench.matrix, bench.validation, settings)
    stars = bench.validation.stars
    half = np.random.default_rng(bench.seed).random(len(stars)) < 0.5
    blend = np.empty(len(stars))
    for fitted, measured in ((half, ~half), (~half, half)):
        weights = fitted_weights(_part(predicted, fitted), stars[fitted])
        blend[measured] = _part(predicted, measured).blended(weights)
    return bench.rmse(blend)


def _part(predicted: Predicted, kept: np.ndarray) -> Predicted:
    return Predicted(predicted.base[kept], {name: values[kept] for name, values in predicted.of.items()})
