"""The taste of users as arrays over genres, and the segment whose centre is nearest to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.compute import index_in
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DoubleType, IntegerType, StructType

from domain.contract.insights import SEGMENT_RATINGS
from spark_jobs.frames.arrow_lists import flat, lists, owners

DAMPING = 20  # ratings at the user's own mean, added to those of each genre: a mean of few ratings says little
SAMPLE = 5_000  # users that the segments are learned from
TASTE, CLUSTER = "taste", "cluster"


@dataclass(frozen=True)
class Centres:
    """`places` (segments, 2 · genres) in standard deviations; `mean` and `scale` make them of tastes."""

    mean: np.ndarray
    scale: np.ndarray
    places: np.ndarray


def with_taste(users: DataFrame, genres: Sequence[str]) -> DataFrame:
    """`users` and the array `taste`, as in `tastes`."""

    def listed(batch: pa.RecordBatch) -> pa.Array:
        found = tastes(batch, genres)
        return lists(found, np.ones(found.shape, bool))

    return _with_column(users, TASTE, ArrayType(DoubleType()), listed)


def sample_of(users: DataFrame, seed: int) -> DataFrame:
    """At most `SAMPLE` users with enough ratings, in an order of their own: the same however they were partitioned."""
    enough = users.where(F.col("rating_count") >= SEGMENT_RATINGS)
    return enough.orderBy(F.xxhash64(F.lit(seed), "user_id"), "user_id").limit(SAMPLE)


def with_cluster(users: DataFrame, genres: Sequence[str], centres: Centres) -> DataFrame:
    """`users` and `cluster`: the place of the centre nearest to the taste; null for those with few ratings."""

    def nearest(batch: pa.RecordBatch) -> pa.Array:
        points = (tastes(batch, genres) - centres.mean) / centres.scale
        apart = np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres.places], axis=1)
        return pa.array(apart.argmin(axis=1).astype(np.int32), mask=batch["rating_count"].to_numpy() < SEGMENT_RATINGS)

    return _with_column(users, CLUSTER, IntegerType(), nearest)


def tastes(users: pa.RecordBatch, genres: Sequence[str]) -> NDArray[np.float64]:
    """Users × 2 · genres: the share of the user's ratings that each genre has, then each genre's deviation.

    The deviation is that of the genre's mean from the user's, in stars, times n / (n + DAMPING) for n ratings. In
    arrays: Spark looks up each genre of each user by itself.

    Args:
        users: rating_count, mean_rating, genres, genre_counts, genre_means as in users_by_id.
        genres: every genre of the data set.
    """
    rows, columns = owners(users["genres"]), index_in(users["genres"].flatten(), pa.array(genres)).to_numpy()
    counts, means = flat(users["genre_counts"]), flat(users["genre_means"]).astype(np.float64)
    found = np.zeros((users.num_rows, 2 * len(genres)))
    found[rows, columns] = counts / users["rating_count"].to_numpy()[rows]
    deviations = (means - users["mean_rating"].to_numpy()[rows]) * counts / (counts + DAMPING)
    found[rows, len(genres) + columns] = deviations
    return found


def _with_column(
    users: DataFrame, name: str, kind: DataType, values: Callable[[pa.RecordBatch], pa.Array]
) -> DataFrame:
    def added(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield pa.record_batch([*batch.columns, values(batch)], [*batch.schema.names, name])

    return users.mapInArrow(added, StructType([*users.schema]).add(name, kind))
