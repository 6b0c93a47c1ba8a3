"""Segments of users by taste: found by k-means, numbered by size, named by what sets them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np
from pyspark import inheritable_thread_target
from pyspark.ml.clustering import KMeansModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.segments import MIN_RATINGS, segment_names
from spark_jobs.transforms.taste import (
    CLUSTER,
    TASTE,
    learn_scale,
    learn_segments,
    sample_of,
    silhouette,
    with_taste,
)

CHOICES = (4, 5, 6)  # numbers of segments that are tried: fewer say little, of more the names become long
MIN_USERS = 100  # with enough ratings; among fewer there are no segments
SEED = 42


@dataclass(frozen=True)
class Segments:
    """`users` with the column `segment` (null for a user without one), and number, name, users and share of each.

    The share is of the users that have a segment. Where there are no segments the lists are empty.
    """

    users: DataFrame
    columns: dict[str, list[Any]]
    silhouette: float | None


def find_segments(users: DataFrame, genres: Sequence[str], k: int | None = None, seed: int = SEED) -> Segments:
    """Group the users with at least `MIN_RATINGS` ratings into `k` segments.

    They are learned from a sample; tasks look up that of each user, and nothing about single users is collected.

    Args:
        users: one row a user, columns as in users_by_id; read several times, so better cached.
        genres: every genre of the data set, in a fixed order.
        k: by default that of `CHOICES` with the best silhouette.
    """
    tastes = with_taste(users, genres)
    sampled = sample_of(tastes, seed).cache()
    if sampled.count() < MIN_USERS or not genres:
        return Segments(users.withColumn("segment", F.lit(None).cast("int")), _columns([], []), None)
    scale = learn_scale(sampled)
    sample = scale.transform(sampled).select(TASTE).cache()
    model, score = _best(sample, (k,) if k else CHOICES, seed)
    for used in (sampled, sample):
        used.unpersist()

    clustered = model.transform(scale.transform(tastes))
    has_one = F.col("rating_count") >= MIN_RATINGS
    sizes = {row[CLUSTER]: row["count"] for row in clustered.where(has_one).groupBy(CLUSTER).count().collect()}
    by_size = sorted(sizes, key=lambda cluster: (-sizes[cluster], cluster))
    names = segment_names(np.array(model.clusterCenters())[by_size], genres)
    return Segments(
        clustered.select(*users.columns, F.when(has_one, _number(by_size)).alias("segment")),
        _columns(names, [sizes[cluster] for cluster in by_size]),
        score,
    )


def _best(sample: DataFrame, choices: Sequence[int], seed: int) -> tuple[KMeansModel, float]:
    """The model with the best silhouette, of equally good ones that with the fewest segments."""

    def tried(k: int) -> tuple[KMeansModel, float]:
        model = learn_segments(sample, k, seed)
        return model, silhouette(sample, model)

    # side by side: each is some dozens of very small jobs, one after the other
    with ThreadPool(len(choices)) as pool:
        return max(pool.map(inheritable_thread_target(tried), choices), key=lambda each: each[1])


def _number(by_size: Sequence[int]) -> Column:
    """The number of the segment that is this cluster; 1 is the largest."""
    pairs = [(F.lit(cluster), F.lit(number)) for number, cluster in enumerate(by_size, start=1)]
    return F.create_map(*(each for pair in pairs for each in pair))[F.col(CLUSTER)]


def _columns(names: Sequence[str], sizes: Sequence[int]) -> dict[str, list[Any]]:
    """The columns of the figure `user_segments`."""
    return {
        "number": list(range(1, len(names) + 1)),
        "name": list(names),
        "users": list(sizes),
        "share": [round(size / sum(sizes), 4) for size in sizes],
    }
