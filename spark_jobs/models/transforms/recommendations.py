"""Lists that are published: for each user with stars and reasons, and similar movies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame

from domain.contract.movielens import SCALE, Scale
from domain.models.largest_products import NOTHING
from spark_jobs.frames.arrow_lists import flat, lists, matrix, owners
from spark_jobs.models.transforms.topn import Items, of_one_core, small, unseen_of

RECOMMENDATIONS = (
    "user_id int, movie_ids array<int>, scores array<float>, predicted_ratings array<float>, because_ids array<int>"
)
SIMILAR = "movie_id int, movie_ids array<int>, scores array<float>"


@dataclass(frozen=True)
class Model:
    """Both models of a run of train_als as far as tasks over users need them.

    Row i of `directions` is the unit vector of row i of `ranking.factors`, or zeros. Stars are predicted as `mean` +
    the user's bias + `star_biases` + the product of `star_factors` with the user's; rows are those of `ranking.ids`.
    """

    ranking: Items
    directions: NDArray[np.float32]
    mean: float
    star_biases: NDArray[np.float32]
    star_factors: NDArray[np.float32]
    scale: Scale = SCALE


def directions(factors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length 1, so that their products are cosines; rows of zeros stay zeros."""
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    return np.divide(factors, lengths, out=np.zeros_like(factors), where=lengths > 0)


def recommend(users: DataFrame, model: Broadcast[Model], n: int) -> DataFrame:
    """The rows of recommendations_by_user without run_id: the best n unseen movies, with stars and a reason each.

    `users` has user_id, factors (of the ranking model), star_factors, star_bias, rated_ids (rising) and ratings.
    """

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in small(batches):
            positions, scores = unseen_of(batch, model.value.ranking, n)
            kept = scores > NOTHING
            yield pa.record_batch(
                {
                    "user_id": batch["user_id"],
                    "movie_ids": lists(model.value.ranking.ids[positions], kept),
                    "scores": lists(scores, kept),
                    "predicted_ratings": lists(_predicted(batch, model.value, positions), kept),
                    "because_ids": lists(_because(batch, model.value, positions), kept),
                }
            )

    columns = ["user_id", "factors", "star_factors", "star_bias", "rated_ids", "ratings"]
    return users.select(*columns).mapInArrow(tasks, RECOMMENDATIONS)


def _predicted(batch: pa.RecordBatch, model: Model, positions: NDArray[np.intp]) -> NDArray[np.float32]:
    of_users = model.mean + batch["star_bias"].to_numpy()
    products = np.einsum("unk,uk->un", model.star_factors[positions], matrix(batch["star_factors"]))
    stars = of_users[:, None] + model.star_biases[positions] + products
    return np.clip(stars, model.scale.lowest, model.scale.highest).astype(np.float32)


def _because(batch: pa.RecordBatch, model: Model, positions: NDArray[np.intp]) -> NDArray[np.int32]:
    seen, known = model.ranking.positions(flat(batch["rated_ids"]))
    users = owners(batch["rated_ids"])
    liked = known & _liked(users, flat(batch["ratings"]))
    starts = np.searchsorted(users[liked], np.arange(len(positions) + 1))
    of_user = np.split(seen[liked], starts[1:-1])
    return np.stack([_most_alike(model, row, of_user[user]) for user, row in enumerate(positions)])


def _liked(users: NDArray[np.intp], ratings: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a rating is at least its user's mean."""
    means = np.bincount(users, ratings) / np.maximum(np.bincount(users), 1)
    return ratings >= means[users]


def _most_alike(model: Model, recommended: NDArray[np.intp], liked: NDArray[np.intp]) -> NDArray[np.int32]:
    """The id of the liked movie with the highest cosine to each recommended one, 0 where none is above 0."""
    if len(liked) == 0:
        return np.zeros(len(recommended), np.int32)
    cosines = model.directions[recommended] @ model.directions[liked].T
    best = cosines.argmax(axis=1)
    return np.where(cosines.max(axis=1) > 0, model.ranking.ids[liked[best]], 0).astype(np.int32)


def similar_movies(movies: DataFrame, units: Broadcast[Items], n: int) -> DataFrame:
    """movie_id, movie_ids, scores: for each movie the n others with the highest cosine, best first.

    Args:
        movies: movie_id; those of `units`, in any partitioning.
        units: movies with enough ratings, with `directions` as factors.
    """

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in small(batches):
            rows, _ = units.value.positions(batch["movie_id"].to_numpy())
            itself = np.arange(len(rows)), rows
            positions, cosines = of_one_core(units.value, units.value.factors[rows], itself, n)
            kept = cosines > NOTHING
            yield pa.record_batch(
                {
                    "movie_id": batch["movie_id"],
                    "movie_ids": lists(units.value.ids[positions], kept),
                    "scores": lists(np.clip(cosines, -1, 1), kept),
                }
            )

    return movies.select("movie_id").mapInArrow(tasks, SIMILAR)
