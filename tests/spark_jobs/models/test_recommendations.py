"""Predicted stars, reasons and similar movies against NumPy, one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import Row, SparkSession

from spark_jobs.models.transforms.recommendations import Model, directions, recommend, similar_movies
from spark_jobs.models.transforms.topn import Items

MOVIES, RANK, STAR_RANK = 30, 5, 3
SCHEMA = (
    "user_id int, factors array<float>, star_bias float, star_factors array<float>,"
    " rated_ids array<int>, ratings array<float>"
)


@pytest.fixture(scope="module")
def model() -> Model:
    random = np.random.default_rng(1)
    factors = random.normal(size=(MOVIES, RANK)).astype(np.float32)
    factors[3] = 0.0
    return Model(
        ranking=Items(np.arange(MOVIES, dtype=np.int32) + 100, factors),
        directions=directions(factors),
        mean=3.5,
        star_biases=random.normal(size=MOVIES).astype(np.float32),
        star_factors=random.normal(size=(MOVIES, STAR_RANK)).astype(np.float32),
    )


@pytest.fixture(scope="module")
def published(spark: SparkSession, model: Model) -> list[tuple[Row, Row]]:
    """Pairs of a user and that user's row."""
    random = np.random.default_rng(2)
    rows = []
    for user in range(1, 12):
        rated = sorted(random.choice(model.ranking.ids, size=user, replace=False).tolist())
        stars = (random.integers(1, 11, size=user) / 2).tolist()
        rows.append(
            (user, random.normal(size=RANK).tolist(), 0.25, random.normal(size=STAR_RANK).tolist(), rated, stars)
        )
    users = spark.createDataFrame(rows, SCHEMA)
    made = {row.user_id: row for row in recommend(users, spark.sparkContext.broadcast(model), 8).collect()}
    return [(user, made[user.user_id]) for user in users.collect()]


def test_every_list_of_a_row_is_as_long_and_has_no_rated_movie(published: list[tuple[Row, Row]]) -> None:
    for user, row in published:
        lengths = {len(row[name]) for name in ("movie_ids", "scores", "predicted_ratings", "because_ids")}
        assert lengths == {8}
        assert not set(row.movie_ids) & set(user.rated_ids)


def test_predicted_stars_are_mean_biases_and_taste_within_the_scale(
    published: list[tuple[Row, Row]], model: Model
) -> None:
    for user, row in published:
        for movie, predicted in zip(row.movie_ids, row.predicted_ratings, strict=True):
            taste = np.dot(user.star_factors, model.star_factors[movie - 100])
            expected = np.clip(3.5 + 0.25 + model.star_biases[movie - 100] + taste, 0.5, 5.0)
            assert predicted == pytest.approx(expected, abs=1e-5)


def test_the_reason_is_the_liked_movie_most_like_the_recommended_one(
    published: list[tuple[Row, Row]], model: Model
) -> None:
    reasons = set()
    for user, row in published:
        mean = np.mean(user.ratings)
        liked = [m for m, stars in zip(user.rated_ids, user.ratings, strict=True) if stars >= mean]
        for movie, because in zip(row.movie_ids, row.because_ids, strict=True):
            cosines = {m: float(model.directions[m - 100] @ model.directions[movie - 100]) for m in liked}
            best = max(cosines, key=lambda m: cosines[m])
            assert because == (best if cosines[best] > 0 else 0)
            reasons.add(because == 0)
    assert reasons == {True, False}


def test_similar_movies_are_the_nearest_by_cosine_without_the_movie_itself(spark: SparkSession, model: Model) -> None:
    units = Items(model.ranking.ids, model.directions)
    movies = spark.createDataFrame([(int(i),) for i in units.ids], "movie_id int").repartition(3)
    rows = similar_movies(movies, spark.sparkContext.broadcast(units), 6).collect()
    assert len(rows) == MOVIES
    for row in rows:
        cosines = model.directions @ model.directions[row.movie_id - 100]
        cosines[row.movie_id - 100] = -np.inf
        assert row.movie_id not in row.movie_ids
        assert row.scores == sorted(row.scores, reverse=True)
        np.testing.assert_allclose(row.scores, np.sort(cosines)[::-1][:6], atol=1e-6)
        np.testing.assert_allclose(cosines[np.array(row.movie_ids) - 100], row.scores, atol=1e-6)


def test_a_movie_without_direction_is_like_no_other(model: Model) -> None:
    assert not model.directions[3].any()
    np.testing.assert_allclose(np.linalg.norm(np.delete(model.directions, 3, axis=0), axis=1), 1.0, atol=1e-6)
