"""Segments of users by taste: found by k-means, numbered by size, named by what sets them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from domain.statistics.segments import segment_names
from spark_jobs.movielens.transforms.taste import CLUSTER, TASTE, Centres, sample_of, with_cluster, with_taste

CHOICES = (4, 5, 6)  # numbers of segments that are tried: fewer say little, of more the names become long
MIN_USERS = 100  # with enough ratings; among fewer there are no segments
SEED = 42
STARTS = 10  # of k-means; the best is kept
COMPARED = 2_000  # users whose silhouettes are measured: each is compared to all others


@dataclass(frozen=True)
class Segments:
    """`users` with the column `segment` (null for a user without one), and number, name, users and share of each.

    The share is of the users that have a segment. Where there are no segments the lists are empty.
    """

    users: DataFrame
    columns: dict[str, list[Any]]
    silhouette: float | None


def find_segments(users: DataFrame, genres: Sequence[str], k: int | None = None, seed: int = SEED) -> Segments:
    """Group the users with at least `SEGMENT_RATINGS` ratings into `k` segments.

    They are learned in this process from a sample of bounded size; tasks find the segment of every user.

    Args:
        users: one row a user, columns as in users_by_id; read twice, so better cached.
        genres: every genre of the data set, in a fixed order.
        k: by default that of `CHOICES` with the best silhouette.
    """
    sample = with_taste(sample_of(users, seed), genres).select(TASTE).collect() if genres else []
    if len(sample) < MIN_USERS:
        return Segments(users.withColumn("segment", F.lit(None).cast("int")), _columns([], []), None)
    centres, score = _learn(np.array([row[0] for row in sample]), (k,) if k else CHOICES, seed)

    clustered = with_cluster(users, genres, centres).cache()
    sizes = {row[CLUSTER]: row["count"] for row in clustered.groupBy(CLUSTER).count().dropna().collect()}
    by_size = sorted(sizes, key=lambda cluster: (-sizes[cluster], cluster))
    places = [F.lit(each) for number, cluster in enumerate(by_size, start=1) for each in (cluster, number)]
    return Segments(
        clustered.withColumn("segment", F.create_map(*places)[F.col(CLUSTER)]).drop(CLUSTER),
        _columns(segment_names(centres.places[by_size], genres), [sizes[cluster] for cluster in by_size]),
        score,
    )


def _learn(tastes: np.ndarray, choices: Sequence[int], seed: int) -> tuple[Centres, float]:
    """The centres with the best silhouette, of equally good ones the fewest; -1 for a single one, which has none."""
    scaler = StandardScaler().fit(tastes)
    points = scaler.transform(tastes)
    different = len(np.unique(points, axis=0))
    with threadpool_limits(1):  # several threads add up in any order, and so not to the same bits
        tried = [_clusters(points, min(k, different), seed) for k in choices]
    places, score = max(tried, key=lambda each: each[1])
    return Centres(scaler.mean_, scaler.scale_, places), score


def _clusters(points: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, float]:
    found = KMeans(k, n_init=STARTS, random_state=seed).fit(points)
    if len(found.cluster_centers_) < 2:
        return found.cluster_centers_, -1.0
    some = min(COMPARED, len(points))
    score = silhouette_score(points, found.labels_, sample_size=some, random_state=seed)
    return found.cluster_centers_, float(score)


def _columns(names: Sequence[str], sizes: Sequence[int]) -> dict[str, list[Any]]:
    """The columns of the figure `user_segments`."""
    return {
        "number": list(range(1, len(names) + 1)),
        "name": list(names),
        "users": list(sizes),
        "share": [round(size / sum(sizes), 4) for size in sizes],
    }
