"""Ratings of movies by year and by segment, against pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.movielens.transforms.breakdown import movie_breakdown
from spark_jobs.storage.schemas import CLEAN
from spark_jobs.storage.tables import align

START = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
LONELY = 999  # a movie that only a user without a segment rated


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """A user rates a movie once; the year changes with the second after the first rating."""
    random = np.random.default_rng(2)
    pairs = random.choice(30 * 40, 700, replace=False)
    rated = [
        (int(pair // 40) + 1, int(pair % 40) + 1, float(random.integers(1, 11)) / 2, START + timedelta(days=int(day)))
        for pair, day in zip(pairs, random.integers(0, 1500, 700), strict=True)
    ]
    return pd.DataFrame([*rated, (30, LONELY, 4.5, START)], columns=["user_id", "movie_id", "rating", "rated_at"])


@pytest.fixture(scope="module")
def segments() -> dict[int, int | None]:
    return {user: None if user % 5 == 0 else user % 3 + 1 for user in range(1, 31)}


@pytest.fixture(scope="module")
def found(spark: SparkSession, ratings: pd.DataFrame, segments: dict[int, int | None]) -> DataFrame:
    users = spark.createDataFrame(list(segments.items()), "user_id int, segment int")
    rows = [(user, movie, stars, at.to_pydatetime()) for user, movie, stars, at in ratings.itertuples(index=False)]
    return movie_breakdown(spark.createDataFrame(rows, CLEAN["ratings"]).repartition(5), users).cache()


def by(ratings: pd.DataFrame, of: Any) -> dict[int, list[tuple[int, int, float]]]:
    """Of each movie every value with its count and mean, in order."""
    figures = ratings.groupby(["movie_id", of])["rating"].agg(["count", "mean"]).sort_index()
    told: dict[int, list[tuple[int, int, float]]] = {}
    for (movie, value), row in figures.iterrows():
        told.setdefault(int(movie), []).append((int(value), int(row["count"]), float(np.float32(row["mean"]))))
    return told


def test_each_movie_has_counts_and_means_by_year_and_by_segment(
    found: DataFrame, ratings: pd.DataFrame, segments: dict[int, int | None]
) -> None:
    years = by(ratings, ratings["rated_at"].dt.year.rename("year"))
    of_segments = by(ratings, ratings["user_id"].map(segments).rename("segment"))
    rows = {row["movie_id"]: row for row in found.collect()}
    assert rows.keys() == set(ratings["movie_id"])
    for movie, row in rows.items():
        assert list(zip(row["years"], row["year_counts"], row["year_means"], strict=True)) == years[movie]
        listed = list(zip(row["segments"], row["segment_counts"], row["segment_means"], strict=True))
        assert listed == of_segments.get(movie, [])
    assert rows[LONELY]["segments"] == []
    assert rows[LONELY]["years"] == [1999]


def test_the_rows_fit_the_table(found: DataFrame) -> None:
    assert align("breakdown_by_movie", found.selectExpr("'data-1' AS dataset_id", "*")).count() == found.count()
