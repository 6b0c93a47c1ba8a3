"""Ratings as lists of their users."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from pyspark.sql import Row, SparkSession

from domain.contract.movielens import LISTED
from spark_jobs.movielens.transforms.ratings import ratings_by_user
from spark_jobs.storage.schemas import CLEAN

BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
Rating = tuple[int, int, float, datetime]


def stored(spark: SparkSession, ratings: list[Rating], partitions: int = 3) -> list[Row]:
    frame = spark.createDataFrame(ratings, CLEAN["ratings"]).repartition(partitions)
    return sorted(ratings_by_user(frame).collect(), key=lambda row: (row.user_id, row.block))


def test_ratings_come_newest_first_and_at_one_moment_by_movie(spark: SparkSession) -> None:
    later = BEGAN + timedelta(microseconds=1)
    rows = stored(spark, [(7, 30, 0.5, BEGAN), (7, 9, 5.0, later), (-2, 1, 3.5, BEGAN), (7, 20, 4.0, BEGAN)])
    assert [(row.user_id, row.block, row.movie_ids, row.ratings) for row in rows] == [
        (-2, 0, [1], [3.5]),
        (7, 0, [9, 20, 30], [5.0, 4.0, 0.5]),
    ]
    assert [at.replace(tzinfo=UTC) for at in rows[1].rated_at] == [later, BEGAN, BEGAN]


def test_blocks_are_full_but_the_last_and_hold_every_rating_once(spark: SparkSession) -> None:
    counts = {1: LISTED, 2: LISTED + 1, 3: 2 * LISTED, 4: 1}
    draw = random.Random(3)
    ratings = [
        (user, movie, draw.randint(1, 10) / 2, BEGAN + timedelta(seconds=draw.randint(0, 500)))
        for user, count in counts.items()
        for movie in range(count)
    ]
    rows = stored(spark, ratings)
    blocks = [(row.user_id, row.block, len(row.movie_ids)) for row in rows]
    assert blocks == [(1, 0, LISTED), (2, 0, LISTED), (2, 1, 1), (3, 0, LISTED), (3, 1, LISTED), (4, 0, 1)]
    back = [
        (row.user_id, movie, stars, at.replace(tzinfo=UTC))
        for row in rows
        for movie, stars, at in zip(row.movie_ids, row.ratings, row.rated_at, strict=True)
    ]
    assert back == sorted(ratings, key=lambda each: (each[0], -each[3].timestamp(), each[1]))


def test_no_ratings_make_no_rows(spark: SparkSession) -> None:
    assert stored(spark, []) == []
