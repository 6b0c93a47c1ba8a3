"""Fake profiles among the users of any number of ratings: histories stay on the executors, arrays by user come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from domain import fake_profiles
from domain.fake_profiles import Evidence, Integers, Known, Mask, Passes, Verdict
from spark_jobs.transforms import fake_profiles as tasks
from spark_jobs.transforms.fake_profiles import Names
from spark_jobs.transforms.topn import histories

USERS_A_BATCH = 10_000  # with 100 ratings each they take about 100 MB of a task; fewer at once take longer


def find(spark: SparkSession, ratings: DataFrame) -> tuple[Verdict, Integers]:
    """The verdict on every user of `ratings` (user_id, movie_id, rating), and the ids of the movies by position."""
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", USERS_A_BATCH)
    rated = histories(ratings).persist(StorageLevel.MEMORY_AND_DISK)
    try:
        users, movies = (
            np.sort(np.asarray(frame.distinct().toPandas(), dtype=np.int64).ravel())
            for frame in (rated.select("user_id"), ratings.select("movie_id"))
        )
        return fake_profiles.find(_passes(spark, rated, Names(users, movies))), movies
    finally:
        rated.unpersist()


def _passes(spark: SparkSession, rated: DataFrame, names: Names) -> Passes:
    context = spark.sparkContext
    shared = context.broadcast(names)

    def tally(chosen: Mask) -> Integers:
        parts = tasks.partial_tally(rated, shared, context.broadcast(chosen)).collect()
        counts = np.zeros((2, len(names.movies)), dtype=np.int64)
        for part in parts:
            counts += np.frombuffer(part["counts"], dtype=np.int64).reshape(counts.shape)
        return counts

    def weigh(of_movies: tuple[Known, Known], counted: Mask) -> Evidence:
        weighed = tasks.weighed(rated, shared, context.broadcast(of_movies), context.broadcast(counted))
        found = pd.DataFrame(weighed.toPandas()).sort_values("place")
        return Evidence(found["nats"].to_numpy(), found["pool"].to_numpy())

    def praised(pushed: Integers) -> Integers:
        found = pd.DataFrame(tasks.praising(rated, shared, context.broadcast(pushed)).toPandas())
        movies = np.full(len(names.users), -1)
        movies[found["place"].to_numpy(dtype=np.int64)] = found["movie"].to_numpy(dtype=np.int64)
        return movies

    return Passes(names.users, tally, weigh, praised)
