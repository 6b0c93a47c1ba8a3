"""Segments by taste: planted groups are found, whatever the partitions; users with few ratings belong to none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from domain.contract.insights import SEGMENT_RATINGS
from spark_jobs.movielens.segments import MIN_USERS, Segments, find_segments
from spark_jobs.movielens.transforms.taste import DAMPING, TASTE, with_taste
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import align

GENRES = ["Children", "Drama", "Horror", "War"]
SIZES = (60, 50, 40, 30)  # of the planted groups; the first rates most of the first genre, and so on
FEW = 5  # users with too few ratings
WHEN = datetime(2020, 1, 1, tzinfo=UTC)
COLUMNS = [field for field in table_schema("users_by_id") if field.name not in ("dataset_id", "segment")]


def user(user_id: int, counts: list[int], means: list[float]) -> tuple[Any, ...]:
    """A user whose movies have one genre each, and whose mean is 3.5."""
    rated = sorted((-n, genre, mean) for genre, n, mean in zip(GENRES, counts, means, strict=True) if n)
    lists = [genre for _, genre, _ in rated], [-n for n, _, _ in rated], [mean for _, _, mean in rated]
    return user_id, sum(counts), 3.5, 1.0, WHEN, WHEN, *lists


def planted() -> list[tuple[Any, ...]]:
    """Of each group 60 % of the ratings are of its own genre, and a star better; then the users with few ratings."""
    random, rows = np.random.default_rng(5), []
    for group, size in enumerate(SIZES):
        own = np.arange(len(GENRES)) == group
        for _ in range(size):
            counts = random.multinomial(random.integers(40, 200), np.where(own, 0.6, 0.4 / 3))
            means = np.where(own, 4.2, 3.2) + random.normal(0, 0.1, len(GENRES))
            rows.append(user(len(rows) + 1, counts.tolist(), means.tolist()))
    return rows + [user(1000 + each, [SEGMENT_RATINGS - 1, 0, 0, 0], [5.0] * 4) for each in range(FEW)]


def users(spark: SparkSession, rows: list[tuple[Any, ...]], partitions: int) -> DataFrame:
    return spark.createDataFrame(rows, StructType(COLUMNS)).repartition(partitions)


def by_user(found: Segments) -> dict[int, int | None]:
    return {row["user_id"]: row["segment"] for row in found.users.select("user_id", "segment").collect()}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> Segments:
    return find_segments(users(spark, planted(), 3).cache(), GENRES)


def test_planted_groups_are_the_segments_numbered_by_size(found: Segments) -> None:
    expected = [number for number, size in enumerate(SIZES, start=1) for _ in range(size)]
    segments = by_user(found)
    assert [segments[each] for each in range(1, sum(SIZES) + 1)] == expected
    assert found.columns["number"] == [1, 2, 3, 4]  # the silhouette chose four
    assert found.columns["users"] == list(SIZES)
    assert found.columns["share"] == pytest.approx([size / sum(SIZES) for size in SIZES], abs=1e-4)


def test_a_segment_is_named_by_what_its_users_rate_more(found: Segments) -> None:
    for genre, name in zip(GENRES, found.columns["name"], strict=True):
        assert f"more {genre}" in name


def test_a_user_with_few_ratings_has_no_segment(found: Segments) -> None:
    segments = by_user(found)
    assert [segments[1000 + each] for each in range(FEW)] == [None] * FEW


def test_the_rows_fit_the_table(found: Segments) -> None:
    rows = found.users.selectExpr("'data-1' AS dataset_id", "*")
    assert align("users_by_id", rows).count() == sum(SIZES) + FEW


def test_the_result_is_the_same_whatever_the_partitions(spark: SparkSession, found: Segments) -> None:
    again = find_segments(users(spark, planted()[::-1], 7).cache(), GENRES)
    assert (again.columns, again.silhouette) == (found.columns, found.silhouette)
    assert by_user(again) == by_user(found)


def test_the_number_of_segments_can_be_given(spark: SparkSession) -> None:
    two = find_segments(users(spark, planted(), 2).cache(), GENRES, k=2)
    assert sum(two.columns["users"]) == sum(SIZES)
    assert set(by_user(two).values()) == {1, 2, None}


def test_among_few_users_there_are_no_segments(spark: SparkSession) -> None:
    none = find_segments(users(spark, planted()[: MIN_USERS - 1], 2), GENRES)
    assert (none.columns["number"], none.silhouette) == ([], None)
    assert set(by_user(none).values()) == {None}


def test_users_of_one_taste_are_one_segment(spark: SparkSession) -> None:
    same = [user(each, [10, 10, 0, 0], [3.5] * 4) for each in range(1, MIN_USERS + 1)]
    one = find_segments(users(spark, same, 2).cache(), GENRES, k=3)
    assert one.columns["users"] == [MIN_USERS]


def test_a_taste_has_shares_and_damped_deviations(spark: SparkSession) -> None:
    row = with_taste(users(spark, [user(1, [30, 0, 10, 0], [4.5, 0, 2.5, 0])], 1), GENRES).select(TASTE)
    damped = [1.0 * 30 / (30 + DAMPING), 0, -1.0 * 10 / (10 + DAMPING), 0]
    assert row.collect()[0][0] == pytest.approx([0.75, 0, 0.25, 0, *damped])
