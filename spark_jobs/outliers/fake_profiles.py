"""Fake profiles among the users of any number of ratings: profiles stay on the executors, arrays by user come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyspark import Broadcast, StorageLevel
from pyspark.sql import DataFrame, SparkSession

from domain.contract.movielens import HIGHEST
from domain.fakes import verdicts
from domain.fakes.verdicts import Evidence, Integers, Known, Mask, Passes, Verdict
from spark_jobs.outliers.transforms import profile_blocks
from spark_jobs.outliers.transforms.profile_blocks import Names

RATINGS_A_BLOCK = 1_000_000  # a pass over it takes some 200 MB of a task and a second


def find(spark: SparkSession, ratings: DataFrame, highest: float = HIGHEST) -> tuple[Verdict, Integers]:
    """The verdict on every user of `ratings` (user_id, movie_id, rating), and the ids of the movies by position.

    `highest` is the rating that praises.
    """
    names = Names(*(_ids(ratings, name) for name in ("user_id", "movie_id")))
    shared = spark.sparkContext.broadcast(names)
    parts = max(spark.sparkContext.defaultParallelism, 1 + ratings.count() // RATINGS_A_BLOCK)
    packed = profile_blocks.blocks(ratings, shared, parts, highest).persist(StorageLevel.MEMORY_AND_DISK)
    try:
        return verdicts.find(_passes(spark, packed, names, shared)), names.movies
    finally:
        packed.unpersist()


def _ids(ratings: DataFrame, name: str) -> Integers:
    return np.sort(np.asarray(ratings.select(name).distinct().toPandas(), dtype=np.int64).ravel())


def _passes(spark: SparkSession, packed: DataFrame, names: Names, shared: Broadcast[Names]) -> Passes:
    context = spark.sparkContext

    def tally(chosen: Mask) -> Integers:
        parts = profile_blocks.partial_tally(packed, shared, context.broadcast(chosen)).collect()
        counts = np.zeros((2, len(names.movies)), dtype=np.int64)
        for part in parts:
            counts += np.frombuffer(part["counts"], dtype=np.int64).reshape(counts.shape)
        return counts

    def weigh(of_movies: tuple[Known, Known], counted: Mask) -> Evidence:
        weighed = profile_blocks.weighed(packed, shared, context.broadcast(of_movies), context.broadcast(counted))
        users = pd.DataFrame(weighed.toPandas()).sort_values("place")
        return Evidence(users["nats"].to_numpy(), users["pool"].to_numpy())

    def praised(pushed: Integers) -> Integers:
        users = pd.DataFrame(profile_blocks.praising(packed, shared, context.broadcast(pushed)).toPandas())
        movies = np.full(len(names.users), -1)
        movies[users["place"].to_numpy(dtype=np.int64)] = users["movie"].to_numpy(dtype=np.int64)
        return movies

    return Passes(names.users, tally, weigh, praised)
