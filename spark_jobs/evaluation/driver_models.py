"""Models of one split as matrices in the driver, each fitted when it is first asked for, and once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from pyspark.sql import DataFrame

from domain.evaluation.trial import Tally
from domain.models import matrix_als
from domain.models.blend import Rows, Scorer, als_scorer, best_blended, ease_scorer
from domain.models.item_models import best_similar, item_knn, watched
from domain.models.least_squares import Floats
from domain.models.ranking import best_of, fitted
from domain.models.rating_matrix import RatingMatrix, Triples, places
from domain.models.settings import MANY, Blend, ModelSettings
from domain.stars.blend import StarSettings, fitted_weights, predict, set_aside, within_scale
from domain.tuning.weights import weighed
from spark_jobs.evaluation.comparison import Comparison, Lists
from spark_jobs.models.engines import by_rising_id

log = logging.getLogger(__name__)


class DriverModels:
    """EASE, item-kNN, implicit ALS and their blend; and models of stars."""

    def __init__(self, comparison: Comparison, settings: ModelSettings, largest: int, seed: int) -> None:
        self.comparison = comparison
        self.settings = settings
        self.largest = largest
        self.seed = seed

    @cached_property
    def training(self) -> Triples:
        """The ratings to learn from."""
        return collected(self.comparison.split.training)

    @cached_property
    def history(self) -> Triples | None:
        """The ratings of users that no model learns from, None where there are no such users."""
        split = self.comparison.split
        return None if split.history is split.training else collected(split.history)

    @cached_property
    def matrix(self) -> RatingMatrix:
        """The ratings, whose columns are the movies of the comparison."""
        return RatingMatrix.of(self.training, self.history)

    @cached_property
    def rows(self) -> Rows:
        """The row of each measured user, -1 for those of whom nothing is known."""
        return places(self.matrix.users, self.comparison.truth.users)

    @cached_property
    def ease(self) -> Scorer:
        """EASE on which movies were rated, whatever the stars."""
        return ease_scorer(self.matrix, self.settings.ease.regularization)

    @cached_property
    def als(self) -> Scorer:
        """Implicit ALS; rows that it did not learn from are folded in."""
        return als_scorer(self.matrix, self.settings.ranking, *self.factors)

    def lists(self, parts: Sequence[tuple[Scorer, float]], n: int) -> Lists:
        """Lists of the measured users by the blend of some scores."""
        return best_blended(parts, self.matrix.stars, self.rows, n)

    def weights(self, relevant_from: float) -> Blend:
        """The weights that train_als would find on this training part; where it is large, on that of some users."""
        users = np.unique(self.training.users)
        share = MANY / len(self.training.stars)
        drawn = users[np.random.default_rng(self.seed).random(len(users)) < share]
        some = self.training.where(np.isin(self.training.users, drawn))
        found = weighed(some, self.settings, relevant_from, self.largest, self.seed)
        log.info("weights of the blend: %s", found)
        return found.blend if found else self.settings.blend

    def blend(self, blend: Blend, n: int) -> Lists:
        """The blend that is published."""
        settings = replace(self.settings, blend=blend)
        model, users = fitted(self.matrix, settings, self.largest, self.seed, self.factors)
        return best_of(model, users, self.matrix, self.rows, n)

    def item_knn(self, neighbours: int, n: int) -> Lists:
        """Cosine item-kNN on which movies were rated; its matrix is sparse, so that movies may be many."""
        seen = watched(self.matrix.stars)[np.maximum(self.rows, 0)].multiply((self.rows >= 0)[:, np.newaxis])
        seen = seen.tocsr()
        seen.eliminate_zeros()
        return best_similar(seen, item_knn(watched(self.matrix.training), neighbours), n)

    def star_errors(self) -> dict[str, Tally]:
        """RMSE (still squared) and MAE, in stars, over all held-out ratings: of each model of stars, and their blend.

        The blend's weights are fitted on a part of the training ratings that is set aside; then all models learn from
        all of them. What is unknown of a user or movie counts as 0.
        """
        settings = StarSettings(self.settings.stars, self.settings.neighbours, self.largest, self.seed)
        learned, aside = set_aside(self.training, self.seed)
        weights = fitted_weights(predict(RatingMatrix.of(learned), aside, settings), aside.stars)
        log.info("weights of the blend of stars: %s", {name: round(weight, 3) for name, weight in weights.items()})
        held_out = collected(self.comparison.split.held_out)
        predicted = predict(self.matrix, held_out, settings)
        stars = {**predicted.of, "blend": predicted.blended(weights)}
        return {model: _tally(held_out, within_scale(values, self.training)) for model, values in stars.items()}

    @cached_property
    def factors(self) -> tuple[Floats, Floats]:
        """Factors by implicit ALS of the users that it learned from, and of movies."""
        settings, training = self.settings.ranking, self.matrix.training
        if training.nnz <= MANY:
            problem = matrix_als.implicit(training, settings.alpha)
            return matrix_als.fit(problem, settings.rank, settings.regularization, settings.iterations, self.seed)
        factors = self.comparison.engine.implicit(self.comparison.items, settings, self.seed)
        # everyone in the training part has factors, so that ids are the places of the matrix
        return by_rising_id(factors.users)[1], by_rising_id(factors.items)[1]


def collected(ratings: DataFrame) -> Triples:
    """The ratings in this process, by rising user and movie, so that sums do not depend on Spark's order."""
    rows: Any = ratings.select("user_id", "movie_id", "rating").toPandas()  # PySpark hides that this is a frame
    users, movies = (rows[name].to_numpy(np.int32) for name in ("user_id", "movie_id"))
    order = np.lexsort((movies, users))
    return Triples(users[order], movies[order], rows["rating"].to_numpy(np.float32)[order])


def _tally(held_out: Triples, predicted: Any) -> Tally:
    users, rows = np.unique(held_out.users, return_inverse=True)
    errors = predicted - held_out.stars
    ratings = np.bincount(rows).astype(np.float64)
    sums = {
        name: np.bincount(rows, weights=values).astype(np.float64)
        for name, values in (("rmse", errors**2), ("mae", np.abs(errors)))
    }
    return Tally(users, sums, {"rmse": ratings, "mae": ratings})
