"""Lists that are published for each user, with stars and reasons; and the stars of any user and movies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame
from threadpoolctl import threadpool_limits

from domain.contract.movielens import Scale
from domain.evaluation.trial import positions
from domain.models.blended_lists import Histories, RankingModel
from domain.models.largest_products import NOTHING
from domain.models.reasons import REASONS, reasons
from domain.models.settings import SHRINKAGE, Blend, Settings
from domain.serving.fold_in import evidence, fold_in_explicit, fold_in_implicit, user_bias
from domain.stars.neighbours import UNKNOWN
from domain.stars.published import StarModel, StarUsers, predict_pairs
from spark_jobs.frames.arrow_lists import flat, lists, owners
from spark_jobs.models.transforms.topn import LISTS, small

RECOMMENDATIONS = (
    "user_id int, movie_ids array<int>, scores array<float>, predicted_ratings array<float>, because_ids array<int>,"
    " because_shares array<float>"
)
STARS = "user_id int, movie_id int, predicted float"

Known = tuple[Histories, NDArray[np.float32]]


@dataclass(frozen=True)
class Learned:
    """Both models of a run for tasks over users; the movies of all arrays are those of `ids` (rising)."""

    ids: NDArray[np.int32]
    ranking: RankingModel
    als: Settings  # that the factors of `ranking` were learned with
    star_als: Settings  # and those of `stars`
    stars: StarModel
    scale: Scale

    def positions(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Position of each id, and whether it is known; that of an unknown one means nothing."""
        return positions(self.ids, ids)

    def users(self, histories: Histories, stars: NDArray[np.float32]) -> NDArray[np.float32]:
        """Factors (users × rank) of the ranking, folded in from whole histories, as the site does later."""
        model, said = self.ranking.parts, evidence(stars)
        found = np.zeros((len(histories.offsets) - 1, model.factors.shape[1]), np.float32)
        for user, own in _known_slices(histories):
            rated = model.factors[histories.rated[own]]
            found[user] = fold_in_implicit(rated, said[own], model.gram, self.als.regularization, self.als.alpha)
        return found

    def star_users(self, histories: Histories, stars: NDArray[np.float32]) -> StarUsers:
        """Biases and factors of the model of stars, folded in likewise."""
        model, users = self.stars, len(histories.offsets) - 1
        biases, factors = np.zeros(users), np.zeros((users, model.factors.shape[1]), np.float32)
        for user, own in _known_slices(histories):
            rated = histories.rated[own]
            biases[user] = user_bias(stars[own], model.biases[rated], model.mean, SHRINKAGE)
            left = (stars[own] - model.mean - model.biases[rated] - biases[user]).astype(np.float32)
            factors[user] = fold_in_explicit(model.factors[rated], left, self.star_als.regularization)
        return StarUsers(biases, factors, histories, stars)


def recommend(users: DataFrame, model: Broadcast[Learned], n: int) -> DataFrame:
    """The rows of recommendations_by_user without run_id: the best n unseen movies, with stars and reasons each.

    `users` has user_id, rated_ids (rising) and ratings.
    """

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in small(batches):
            with threadpool_limits(1, user_api="blas"):  # a task has one core
                rows = _rows(batch, model.value, n)
            yield rows

    return users.select("user_id", "rated_ids", "ratings").mapInArrow(tasks, RECOMMENDATIONS)


def _rows(batch: pa.RecordBatch, model: Learned, n: int) -> pa.RecordBatch:
    histories, stars = _known(batch, model)
    found = model.ranking.lists(model.users(histories, stars), histories, n)
    kept = found.scores > NOTHING
    predicted = _within(model, model.stars.predict(model.star_users(histories, stars), found.positions))
    why = reasons(found, histories, stars, model.ranking.parts, model.als)
    named = np.where(why.shares > 0.0, model.ids[why.positions], 0)
    of_reasons = np.repeat(kept, REASONS, axis=1)
    return pa.record_batch(
        {
            "user_id": batch["user_id"],
            "movie_ids": lists(model.ids[found.positions], kept),
            "scores": lists(found.scores, kept),
            "predicted_ratings": lists(predicted, kept),
            "because_ids": lists(named.reshape(len(kept), -1), of_reasons),
            "because_shares": lists(why.shares.reshape(len(kept), -1), of_reasons),
        }
    )


def best_blended(users: DataFrame, model: Broadcast[Learned], n: int, blend: Blend | None = None) -> DataFrame:
    """user_id, item_ids, scores: the lists of `recommend` alone, or those of another `blend` of the same models."""

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        ranking = replace(model.value.ranking, blend=blend) if blend else model.value.ranking
        for batch in small(batches):
            histories, stars = _known(batch, model.value)
            with threadpool_limits(1, user_api="blas"):
                found = ranking.lists(model.value.users(histories, stars), histories, n)
            kept = found.scores > NOTHING
            ids = lists(model.value.ids[found.positions], kept)
            yield pa.record_batch({"user_id": batch["user_id"], "item_ids": ids, "scores": lists(found.scores, kept)})

    return users.select("user_id", "rated_ids", "ratings").mapInArrow(tasks, LISTS)


def predicted_stars(users: DataFrame, model: Broadcast[Learned]) -> DataFrame:
    """user_id, movie_id, predicted (stars) for the movies of each user's `wanted_ids`; unknown ones are by bias alone.

    `users` has user_id, rated_ids (rising), ratings, wanted_ids.
    """

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in small(batches):
            histories, stars = _known(batch, model.value)
            rows, ids = owners(batch["wanted_ids"]), flat(batch["wanted_ids"])
            at, known = model.value.positions(ids)
            with threadpool_limits(1, user_api="blas"):
                of_users = model.value.star_users(histories, stars)
                predicted = predict_pairs(model.value.stars, of_users, rows, np.where(known, at, UNKNOWN))
            columns = {"user_id": batch["user_id"].to_numpy()[rows], "movie_id": ids}
            yield pa.record_batch({**columns, "predicted": _within(model.value, predicted)})

    return users.select("user_id", "rated_ids", "ratings", "wanted_ids").mapInArrow(tasks, STARS)


def _known(batch: pa.RecordBatch, model: Learned) -> Known:
    """The users' ratings of known movies, and their stars."""
    at, known = model.positions(flat(batch["rated_ids"]))
    lengths = np.bincount(owners(batch["rated_ids"])[known], minlength=batch.num_rows)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Histories(offsets, at[known]), flat(batch["ratings"]).astype(np.float32)[known]


def _known_slices(histories: Histories) -> Iterator[tuple[int, slice]]:
    """The users with a known rating, and where their ratings are; of the others nothing is learned."""
    for user, (start, end) in enumerate(pairwise(histories.offsets)):
        if start < end:
            yield user, slice(start, end)


def _within(model: Learned, stars: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.clip(stars, model.scale.lowest, model.scale.highest).astype(np.float32)
