"""The taste of users as arrays over genres, and the segment whose centre is nearest to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.segments import MIN_RATINGS

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
    """`users` and the array `taste`: of each genre the share of the user's ratings, then of each the deviation.

    The deviation is that of the genre's mean from the user's, in stars, times n / (n + DAMPING) for n ratings.

    Args:
        users: rating_count, mean_rating, genres, genre_counts, genre_means as in users_by_id.
        genres: every genre of the data set.
    """
    # a lambda in place of one expression a genre: the generated code stays short
    maps = users.withColumn("counts", F.map_from_arrays("genres", "genre_counts"))
    maps = maps.withColumn("means", F.map_from_arrays("genres", "genre_means"))

    def share(genre: Column) -> Column:
        return F.coalesce(F.element_at("counts", genre) / F.col("rating_count"), F.lit(0.0))

    def deviation(genre: Column) -> Column:
        count, mean = F.element_at("counts", genre), F.element_at("means", genre).cast("double")
        return F.coalesce((mean - F.col("mean_rating")) * count / (count + DAMPING), F.lit(0.0))

    every = F.array(*map(F.lit, genres))
    taste = F.concat(F.transform(every, share), F.transform(every, deviation))
    return maps.withColumn(TASTE, taste).drop("counts", "means")


def sample_of(users: DataFrame, seed: int) -> DataFrame:
    """At most `SAMPLE` users with enough ratings, in an order of their own: the same however they were partitioned."""
    enough = users.where(F.col("rating_count") >= MIN_RATINGS)
    return enough.orderBy(F.xxhash64(F.lit(seed), "user_id"), "user_id").limit(SAMPLE)


def with_cluster(users: DataFrame, centres: Centres) -> DataFrame:
    """`users` and `cluster`: the place of the centre nearest to `taste`; null for those with few ratings."""

    @F.pandas_udf("int")
    def nearest(tastes: pd.Series) -> pd.Series:
        points = (np.vstack(tastes.to_list()) - centres.mean) / centres.scale
        apart = np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres.places], axis=1)
        return pd.Series(apart.argmin(axis=1))

    return users.withColumn(CLUSTER, F.when(F.col("rating_count") >= MIN_RATINGS, nearest(TASTE)))
