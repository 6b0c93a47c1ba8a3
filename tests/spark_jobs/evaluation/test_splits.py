"""Laws of the protocols of evaluation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.evaluation.transforms.splits import (
    Split,
    held_out_users,
    k_folds,
    leave_last_out,
    random_split,
    time_split,
)

START = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
SPLITS: dict[str, Callable[[DataFrame], Split]] = {
    "random by user": lambda ratings: random_split(ratings, "user_id", 0.25, 1),
    "random by item": lambda ratings: random_split(ratings, "movie_id", 0.25, 1),
    "third fold": lambda ratings: k_folds(ratings, 4, 1)[2],
    "leave last out": lambda ratings: leave_last_out(ratings, 1),
    "time": lambda ratings: time_split(ratings, 0.2),
    "held-out users": lambda ratings: held_out_users(ratings, 0.2, 0.25, 1),
}


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    """Users 1 … 30 with 1 … 30 ratings each, over ten days; many share their second."""
    random = np.random.default_rng(5)
    rows = [
        (user, int(movie), 3.0, datetime.fromtimestamp(START + 3600 * int(random.integers(0, 240)), tz=UTC))
        for user in range(1, 31)
        for movie in random.choice(40, size=user, replace=False)
    ]
    schema = "user_id int, movie_id int, rating float, rated_at timestamp"
    return spark.createDataFrame(rows, schema).repartition(3).cache()


def keys(frame: DataFrame) -> set[tuple[int, int]]:
    rows = [(row.user_id, row.movie_id) for row in frame.collect()]
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("name", SPLITS)
def test_every_rating_is_in_exactly_one_part_for_any_order_and_partitioning(ratings: DataFrame, name: str) -> None:
    split, moved = SPLITS[name](ratings), SPLITS[name](ratings.orderBy("movie_id").coalesce(1).repartition(7))
    parts = [split.training, split.held_out, *([] if split.history is split.training else [split.history])]
    training, held_out, *history = map(keys, parts)
    counted = Counter(key for part in (training, held_out, *history) for key in part)
    assert set(counted) == keys(ratings)
    assert set(counted.values()) == {1}
    assert held_out
    assert all(part.columns == ratings.columns for part in parts)
    assert keys(moved.held_out) == held_out
    assert keys(moved.history) == (history[0] if history else training)


@pytest.mark.parametrize("by", ["user_id", "movie_id"])
def test_a_random_split_holds_out_the_share_of_each_group_rounded_down(ratings: DataFrame, by: str) -> None:
    counts = Counter(row[by] for row in ratings.collect())
    held_out = Counter(row[by] for row in random_split(ratings, by, 0.25, 1).held_out.collect())
    assert held_out == {key: count // 4 for key, count in counts.items() if count >= 4}


def test_folds_are_disjoint_and_cover_everything(ratings: DataFrame) -> None:
    folds = [keys(split.held_out) for split in k_folds(ratings, 5, 3)]
    assert sum(map(len, folds)) == len(set().union(*folds)) == ratings.count()
    assert min(map(len, folds)) > ratings.count() / 10


def test_leave_last_out_holds_out_one_newest_rating_of_each_user_with_two(ratings: DataFrame) -> None:
    split = leave_last_out(ratings, 1)
    newest: dict[int, datetime] = {}
    for row in ratings.collect():
        newest[row.user_id] = max(row.rated_at, newest.get(row.user_id, row.rated_at))
    held_out = {row.user_id: row.rated_at for row in split.held_out.collect()}
    assert held_out == {user: at for user, at in newest.items() if user > 1}
    assert split.held_out.count() == len(held_out)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_a_time_split_holds_out_later_ratings_only_and_about_the_share(ratings: DataFrame, share: float) -> None:
    split = time_split(ratings, share)
    assert min(row.rated_at for row in split.held_out.collect()) > max(row.rated_at for row in split.training.collect())
    in_one_second = max(Counter(row.rated_at for row in ratings.collect()).values())
    wanted = share * ratings.count()
    assert wanted - in_one_second - 1 < split.held_out.count() <= wanted


def test_ratings_of_one_second_are_never_parted_by_time(ratings: DataFrame) -> None:
    at_once = ratings.selectExpr("user_id", "movie_id", "rating", "timestamp'2020-01-01 00:00:00' as rated_at")
    assert time_split(at_once, 0.5).held_out.count() == 0
    assert time_split(at_once, 0.5).training.count() == ratings.count()


def test_held_out_users_teach_nothing_and_keep_a_history(ratings: DataFrame) -> None:
    split = held_out_users(ratings, 0.2, 0.25, 1)
    learned, known, tested = (
        {user for user, _ in keys(part)} for part in (split.training, split.history, split.held_out)
    )
    assert len(known) == 30 // 5
    assert not learned & (known | tested)
    assert tested <= known


def test_another_seed_draws_others(ratings: DataFrame) -> None:
    for draw in (
        lambda seed: random_split(ratings, "movie_id", 0.25, seed),
        lambda seed: k_folds(ratings, 5, seed)[0],
        lambda seed: held_out_users(ratings, 0.2, 0.25, seed),
    ):
        assert keys(draw(1).held_out) != keys(draw(2).held_out)
