"""Figures about movies and users, and the figures of /insights."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.contract.insights import Insight
from spark_jobs.movielens.transforms.insights import (
    POINTS,
    density_of_counts,
    example_users,
    insights,
    most_and_some,
    movies_in_buckets,
    outliers_and_some,
)
from spark_jobs.movielens.transforms.movies import movie_terms
from spark_jobs.movielens.transforms.statistics import movie_statistics, ratings_by_month, user_statistics
from spark_jobs.storage.schemas import CLEAN

START = datetime(2001, 12, 31, 23, 59, 59, tzinfo=UTC)
GENRES = {1: ["Drama", "War"], 2: ["War"], 3: []}
RATINGS = [(1, 1, 4.0), (1, 2, 5.0), (2, 2, 0.5), (2, 3, 1.0), (4, 3, 2.0)]


@pytest.fixture(scope="module")
def movies(spark: SparkSession) -> DataFrame:
    rows = [(movie, f"Öne & {movie}", 1999 if movie == 1 else None, genres) for movie, genres in GENRES.items()]
    return spark.createDataFrame([*rows, (4, "Öne öne", 1999, ["War"])], CLEAN["movies"])


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(
        [(user, movie, stars, START + timedelta(seconds=user)) for user, movie, stars in RATINGS], CLEAN["ratings"]
    )


@pytest.fixture(scope="module")
def statistics(spark: SparkSession, movies: DataFrame, ratings: DataFrame) -> DataFrame:
    tags = spark.createDataFrame([(1, 1, "a", START), (2, 1, "a", START), (2, 4, "b", START)], CLEAN["tags"])
    return movie_statistics(movies, ratings, tags).cache()


def test_every_movie_has_figures_rated_or_not(statistics: DataFrame) -> None:
    rows = {row["movie_id"]: row for row in statistics.collect()}
    assert sorted(rows) == [1, 2, 3, 4]
    assert (rows[2]["rating_count"], rows[2]["mean_rating"], rows[2]["std_rating"]) == (2, 2.75, 2.25)
    assert rows[2]["histogram"] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert (rows[4]["rating_count"], rows[4]["mean_rating"], rows[4]["histogram"]) == (0, None, [0] * 10)
    assert [rows[movie]["tag_count"] for movie in (1, 2, 3, 4)] == [2, 0, 0, 1]


def test_a_user_s_genres_are_ordered_by_how_many_of_the_movies_have_them(ratings: DataFrame, movies: DataFrame) -> None:
    rows = {row["user_id"]: row for row in user_statistics(ratings, movies).collect()}
    assert (rows[1]["genres"], rows[1]["genre_counts"], rows[1]["genre_means"]) == (
        ["War", "Drama"],
        [2, 1],
        [4.5, 4.0],
    )
    assert (rows[4]["genres"], rows[4]["genre_counts"], rows[4]["genre_means"]) == ([], [], [])
    assert (rows[2]["rating_count"], rows[2]["mean_rating"]) == (2, 0.75)


def test_a_movie_is_found_once_by_each_word_head_genre_and_year(movies: DataFrame, statistics: DataFrame) -> None:
    terms = sorted((row["kind"], row["term"], row["movie_id"]) for row in movie_terms(movies, statistics).collect())
    assert terms == [
        *[("genre", "Drama", 1), ("genre", "War", 1), ("genre", "War", 2), ("genre", "War", 4)],
        *[("head", "on", movie) for movie in (1, 2, 3, 4)],
        *[("word", "1", 1), ("word", "2", 2), ("word", "3", 3)],
        *[("word", "one", movie) for movie in (1, 2, 3, 4)],
        *[("year", "1999", 1), ("year", "1999", 4)],
    ]


def test_months_are_those_of_utc_in_order(ratings: DataFrame) -> None:
    assert [tuple(row) for row in ratings_by_month(ratings).collect()] == [("2002-01", 5)]


def movie_table(count: int) -> pd.DataFrame:
    counts = np.random.default_rng(5).zipf(1.4, count).clip(max=100_000)
    return pd.DataFrame(
        {
            "movie_id": np.arange(count),
            "title": [f"Movie {movie}" for movie in range(count)],
            "rating_count": counts,
            "mean_rating": np.linspace(0.5, 5, count),
            "tag_count": counts[::-1],
            "histogram": [[1] * 10] * count,
        }
    )


USERS = pd.DataFrame({"user_id": np.arange(30), "rating_count": np.arange(30)[::-1] + 20, "mean_rating": 3.5})
MONTHS = pd.DataFrame({"month": ["1996-03", "1996-04"], "ratings": [3, 4]})


def test_every_figure_has_columns_of_equal_length_that_json_can_hold() -> None:
    figures = insights(movie_table(3000), USERS, MONTHS)
    elsewhere = {Insight.RUN_TIME_BY_NODES, Insight.USER_SEGMENTS}  # these are measured, and learned
    assert set(figures) == set(Insight) - elsewhere
    for columns in figures.values():
        assert len({len(values) for values in columns.values()}) == 1
        assert json.loads(json.dumps(columns, allow_nan=False)) == columns


def test_figures_do_not_depend_on_the_order_of_the_rows() -> None:
    movies = movie_table(3000)
    shuffled = movies.sample(frac=1, random_state=1), USERS.sample(frac=1, random_state=2), MONTHS
    assert insights(*shuffled) == insights(movies, USERS, MONTHS)


def test_figures_of_almost_nothing_can_be_made() -> None:
    movies = movie_table(2).assign(rating_count=[1, 0], mean_rating=[3.0, np.nan], tag_count=0)
    figures = insights(movies, USERS[:1], MONTHS)
    assert figures[Insight.RATING_COUNT_DENSITY] == {"log10_count": [], "density": []}
    assert figures[Insight.MEAN_AGAINST_COUNT]["title"] == ["Movie 0"]
    assert figures[Insight.TAGS_PER_MOVIE] == {"tag_count": [], "title": []}


def test_each_movie_is_in_one_bucket() -> None:
    counts = pd.Series([0, 49, 50, 99, 100, 199, 200, 10**6])
    assert movies_in_buckets(counts)["movies"] == [2, 2, 2, 2]


def test_the_density_has_an_area_of_about_one_within_the_data() -> None:
    curve = density_of_counts(movie_table(2000)["rating_count"])
    assert len(curve["density"]) <= 200
    assert 0.6 < np.trapezoid(curve["density"], curve["log10_count"]) <= 1.0


def test_a_sample_of_points_has_the_most_rated() -> None:
    movies = movie_table(9000)
    sample = most_and_some(movies, "rating_count")
    assert len(sample) == POINTS
    assert not sample["movie_id"].duplicated().any()
    assert set(movies.nlargest(200, "rating_count", keep="first")["movie_id"]) <= set(sample["movie_id"])
    assert movies["rating_count"].min() == sample["rating_count"].min()


def test_no_outlier_is_left_out() -> None:
    movies = movie_table(30_000)
    lower, upper = movies["tag_count"].quantile([0.25, 0.75])
    outliers = movies[movies["tag_count"] > upper + 1.5 * (upper - lower)]
    sample = outliers_and_some(movies, "tag_count")
    assert set(outliers["movie_id"]) <= set(sample["movie_id"])
    assert len(sample) == max(len(outliers), POINTS)


def test_example_users_reach_from_the_least_to_the_most_active() -> None:
    examples = example_users(USERS)
    assert len(examples["user_id"]) == 8
    assert (examples["rating_count"][0], examples["rating_count"][-1]) == (20, 49)
    assert examples["rating_count"] == sorted(examples["rating_count"])
