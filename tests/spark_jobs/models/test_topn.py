"""Laws of the lists, and the same lists computed one user at a time."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.models.transforms.topn import Items, best_unseen, histories, most_popular

USERS, MOVIES, RANK = 25, 40, 6


@pytest.fixture(scope="module")
def items() -> Items:
    random = np.random.default_rng(1)
    factors = random.normal(size=(MOVIES, RANK)).astype(np.float32)
    factors[10:14] = factors[9]  # five items that nobody can tell apart
    return Items(np.arange(MOVIES, dtype=np.int32) * 3 + 1, factors)


@pytest.fixture(scope="module")
def users(spark: SparkSession, items: Items) -> DataFrame:
    """User u has seen u items of the model and one that it does not know; user 40 has seen all."""
    random = np.random.default_rng(2)
    rows = []
    for user in [*range(USERS), MOVIES]:
        seen = [*random.choice(items.ids, size=user, replace=False).tolist(), 9999]
        rows.append((user, random.normal(size=RANK).tolist(), sorted(seen)))
    return spark.createDataFrame(rows, "user_id int, factors array<float>, rated_ids array<int>").cache()


def naive(user: list[float], seen: list[int], items: Items, n: int) -> list[int]:
    scores = [
        (-float(np.dot(np.float64(user), np.float64(f))), int(i)) for i, f in zip(items.ids, items.factors, strict=True)
    ]
    return [movie for _, movie in sorted(scores) if movie not in seen][:n]


@pytest.mark.parametrize("n", [10, 100])
def test_lists_are_the_best_unseen_movies_with_ties_by_id(
    spark: SparkSession, users: DataFrame, items: Items, n: int
) -> None:
    lists = {row.user_id: row for row in best_unseen(users, spark.sparkContext.broadcast(items), n).collect()}
    inputs = users.collect()
    assert len(lists) == len(inputs)
    for user in inputs:
        row = lists[user.user_id]
        assert not set(row.item_ids) & set(user.rated_ids)
        assert len(row.item_ids) == len(row.scores) == min(n, MOVIES - user.user_id)
        assert row.scores == sorted(row.scores, reverse=True)
        assert row.item_ids == naive(user.factors, user.rated_ids, items, n)


def test_lists_do_not_depend_on_the_partitioning(spark: SparkSession, users: DataFrame, items: Items) -> None:
    shared = spark.sparkContext.broadcast(items)
    one, other = (
        {row.user_id: row.item_ids for row in best_unseen(users.repartition(parts), shared, 10).collect()}
        for parts in (1, 6)
    )
    assert one == other


def test_most_popular_is_by_count_and_then_by_id() -> None:
    ids = np.array([2, 3, 5, 7], np.int32)
    popular = most_popular(ids, np.array([4, 9, 4, 1]))
    assert ids[np.argsort(-popular.factors[:, 0])].tolist() == [3, 2, 5, 7]


def test_a_history_keeps_each_rating_with_its_movie(spark: SparkSession) -> None:
    rows = [(user, movie, float(user * movie % 5)) for user in (1, 2) for movie in (9, 4, 7)]
    frame = spark.createDataFrame(rows, "user_id int, item_id int, rating float").repartition(3)
    found = {row.user_id: (row.rated_ids, row.ratings) for row in histories(frame).collect()}
    assert found == {user: ([4, 7, 9], [float(user * movie % 5) for movie in (4, 7, 9)]) for user in (1, 2)}
