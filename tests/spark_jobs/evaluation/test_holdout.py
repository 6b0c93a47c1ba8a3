"""Laws of the hold-out."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.evaluation.transforms.holdout import split_holdout


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    """Users 1 … 30 with 1 … 30 ratings each."""
    random = np.random.default_rng(5)
    rows = [(user, int(movie), 3.0) for user in range(1, 31) for movie in random.choice(200, size=user, replace=False)]
    return spark.createDataFrame(rows, "user_id int, movie_id int, rating float").cache()


def keys(frame: DataFrame) -> set[tuple[int, int]]:
    rows = [(row.user_id, row.movie_id) for row in frame.collect()]
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_training_and_hold_out_are_disjoint_and_together_everything(ratings: DataFrame, share: float) -> None:
    training, held_out = (keys(part) for part in split_holdout(ratings, share, 1))
    assert not training & held_out
    assert training | held_out == keys(ratings)


def test_every_user_gives_the_share_rounded_down_and_keeps_the_rest(ratings: DataFrame) -> None:
    _, held_out = split_holdout(ratings, 0.25, 1)
    given = {row.user_id: row["count"] for row in held_out.groupBy("user_id").count().collect()}
    assert given == {user: user // 4 for user in range(4, 31)}


def test_the_hold_out_is_the_same_for_any_partitioning_order_and_integer_type(ratings: DataFrame) -> None:
    expected = keys(split_holdout(ratings, 0.25, 1)[1])
    for moved in (ratings.repartition(7), ratings.coalesce(1).orderBy("rating", "movie_id")):
        assert keys(split_holdout(moved, 0.25, 1)[1]) == expected
    as_long = ratings.selectExpr("cast(user_id as long) user_id", "cast(movie_id as long) movie_id")
    assert keys(split_holdout(as_long, 0.25, 1)[1]) == expected


def test_another_seed_holds_out_other_ratings(ratings: DataFrame) -> None:
    assert keys(split_holdout(ratings, 0.25, 1)[1]) != keys(split_holdout(ratings, 0.25, 2)[1])
