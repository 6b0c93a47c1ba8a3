"""The best unseen movies for many users at once: tasks over users, the movies' factors broadcast once an executor.

`implicit`'s compiled top-k scores a hundred users against all movies by one matrix product and keeps the best; it takes
a tenth of the time of MLlib's `recommendForAllUsers`, which cannot leave out seen movies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from implicit.cpu.topk import topk
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from domain.ranking import top_n
from spark_jobs.transforms.arrow_lists import flat, lists, matrix, owners

FILTERED = -np.finfo(np.float32).max  # the score that implicit gives to a filtered movie
BATCH = 1000  # users scored at once; bounds the memory of a task to a few times this × 100 × the rank
LISTS = "user_id int, movie_ids array<int>, scores array<float>"


@dataclass(frozen=True)
class Movies:
    """The movies that can be recommended: `ids` int32, rising; row i of `factors` (float32) is movie ids[i]."""

    ids: NDArray[np.int32]
    factors: NDArray[np.float32]

    def positions(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Row of each id, and whether it is known; the row of an unknown one means nothing."""
        found = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return found, self.ids[found] == ids


def most_popular(ids: NDArray[np.int32], counts: NDArray[np.integer]) -> Movies:
    """«Most popular» as a model of rank 1, for users whose factor is 1: by count, of equal counts the lower id first.

    Its factors are ranks, not counts, so that no two movies are equal; float32 holds 16 million of them exactly.
    """
    worst_first = np.lexsort((-ids, counts))
    factors = np.empty((len(ids), 1), np.float32)
    factors[worst_first, 0] = np.arange(1, len(ids) + 1)
    return Movies(ids, factors)


def histories(ratings: DataFrame) -> DataFrame:
    """user_id, rated_ids (rising), ratings (of these movies): one row for each user with ratings."""
    rated = F.sort_array(F.collect_list(F.struct("movie_id", "rating")))
    return (
        ratings.groupBy("user_id")
        .agg(rated.alias("rated"))
        .select("user_id", F.col("rated.movie_id").alias("rated_ids"), F.col("rated.rating").alias("ratings"))
    )


def best_unseen(users: DataFrame, movies: Broadcast[Movies], n: int) -> DataFrame:
    """user_id, movie_ids, scores: for each user the min(n, unseen) movies with the highest score, best first.

    Args:
        users: user_id, factors, rated_ids: what the user has seen and must not get.
        movies: of the same model as the users' factors; the score is the product of the two.
    """

    def rank(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in small(batches):
            positions, scores = unseen_of(batch, movies.value, n)
            kept = scores > FILTERED
            yield pa.record_batch(
                {
                    "user_id": batch["user_id"],
                    "movie_ids": lists(movies.value.ids[positions], kept),
                    "scores": lists(scores, kept),
                }
            )

    return users.select("user_id", "factors", "rated_ids").mapInArrow(rank, LISTS)


def unseen_of(batch: pa.RecordBatch, movies: Movies, n: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """`top_unseen` for a batch with the columns factors and rated_ids."""
    seen, known = movies.positions(flat(batch["rated_ids"]))
    users = owners(batch["rated_ids"])
    shape = (batch.num_rows, len(movies.ids))
    filtered = csr_matrix((np.ones(known.sum(), np.float32), (users[known], seen[known])), shape=shape)
    return top_unseen(movies.factors, matrix(batch["factors"]), filtered, n)


def top_unseen(
    items: NDArray[np.float32], queries: NDArray[np.float32], seen: csr_matrix, n: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Positions and scores (queries × min(n, items)) of the best items of each query, those in `seen` left out.

    Where fewer are unseen, the end of the row has the score FILTERED. Equal scores: the lower position first, also at
    the end of the list, where `implicit` itself picks any of them. float32 sums depend on how many queries are
    multiplied at once, so scores closer than about 1e-6 of their size may swap between partitionings.
    """
    wanted = min(n, len(items))
    one_more = min(wanted + 1, len(items))  # shows whether the last place was a tie
    with threadpool_limits(1, user_api="blas"):  # a task has one core
        positions, scores = topk(items, queries, one_more, filter_query_items=seen, num_threads=1)
        order = np.lexsort((positions, -scores), axis=1)
        positions, scores = np.take_along_axis(positions, order, 1), np.take_along_axis(scores, order, 1)
        for row in np.flatnonzero((scores[:, wanted - 1] == scores[:, -1]) & (scores[:, -1] > FILTERED)):
            everything = items @ queries[row]
            everything[seen[row].indices] = FILTERED
            positions[row, :wanted] = top_n(everything, wanted)
            scores[row, :wanted] = everything[positions[row, :wanted]]
    return positions[:, :wanted], scores[:, :wanted]


def small(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at most BATCH."""
    for batch in batches:
        for start in range(0, batch.num_rows, BATCH):
            yield batch.slice(start, BATCH)
