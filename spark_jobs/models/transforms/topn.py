"""The best unseen items for many users at once: tasks over users, the items' factors broadcast once an executor.

MLlib's `recommendForAllUsers` computes all products and cannot leave out seen items: see docs/results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from threadpoolctl import threadpool_limits

from domain.models.largest_products import NOTHING, LongestFirst, largest_products
from spark_jobs.frames.arrow_lists import flat, lists, matrix, owners

BATCH = 1000  # users scored at once; bounds the memory of a task to a few times this × 100 × the rank
LISTS = "user_id int, item_ids array<int>, scores array<float>"


@dataclass(frozen=True)
class Items:
    """The items that can be recommended: `ids` int32, rising; row i of `factors` (float32) is item ids[i]."""

    ids: NDArray[np.int32]
    factors: NDArray[np.float32]

    def positions(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Row of each id, and whether it is known; the row of an unknown one means nothing."""
        positions = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return positions, self.ids[positions] == ids

    @cached_property
    def longest_first(self) -> LongestFirst:
        """The factors as `largest_products` takes them: sorted once in a process, for all its batches."""
        return LongestFirst.of(self.factors)


def most_popular(ids: NDArray[np.int32], counts: NDArray[np.integer]) -> Items:
    """«Most popular» as a model of rank 1, for users whose factor is 1: by count, of equal counts the lower id first.

    Its factors are ranks, not counts, so that no two items are equal; float32 holds 16 million of them exactly.
    """
    worst_first = np.lexsort((-ids, counts))
    factors = np.empty((len(ids), 1), np.float32)
    factors[worst_first, 0] = np.arange(1, len(ids) + 1)
    return Items(ids, factors)


def as_items(ratings: DataFrame) -> DataFrame:
    """Ratings of movies with item_id in place of movie_id, as models and lists take them, which serve songs, too."""
    return ratings.withColumnRenamed("movie_id", "item_id")


def histories(ratings: DataFrame) -> DataFrame:
    """user_id, rated_ids (rising), ratings (of these items): one row for each user with ratings."""
    rated = F.sort_array(F.collect_list(F.struct("item_id", "rating")))
    return (
        ratings.groupBy("user_id")
        .agg(rated.alias("rated"))
        .select("user_id", F.col("rated.item_id").alias("rated_ids"), F.col("rated.rating").alias("ratings"))
    )


def best_unseen(users: DataFrame, items: Broadcast[Items], n: int) -> DataFrame:
    """user_id, item_ids, scores: for each user the min(n, unseen) items with the highest score, best first.

    Args:
        users: user_id, factors, rated_ids: what the user has seen and must not get.
        items: of the same model as the users' factors; the score is the product of the two.
    """

    def rank(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in small(batches):
            positions, scores = unseen_of(batch, items.value, n)
            kept = scores > NOTHING
            yield pa.record_batch(
                {
                    "user_id": batch["user_id"],
                    "item_ids": lists(items.value.ids[positions], kept),
                    "scores": lists(scores, kept),
                }
            )

    return users.select("user_id", "factors", "rated_ids").mapInArrow(rank, LISTS)


def unseen_of(batch: pa.RecordBatch, items: Items, n: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Rows of `items` and scores, both users × min(n, items), for a batch with the columns factors and rated_ids."""
    seen, known = items.positions(flat(batch["rated_ids"]))
    left_out = owners(batch["rated_ids"])[known], seen[known]
    return of_one_core(items, matrix(batch["factors"]), left_out, n)


def of_one_core(
    items: Items, queries: NDArray[np.float32], left_out: tuple[NDArray[np.intp], NDArray[np.intp]], n: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """`largest_products` in a task, which has one core."""
    with threadpool_limits(1, user_api="blas"):
        return largest_products(items.longest_first, queries, left_out, n)


def small(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at most BATCH."""
    for batch in batches:
        for start in range(0, batch.num_rows, BATCH):
            yield batch.slice(start, BATCH)
