"""Rows of lists, stars and reasons against the domain's models, one user at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from domain.contract.movielens import Scale
from domain.models.blended_lists import Histories
from domain.models.reasons import REASONS, reasons
from domain.models.settings import SHRINKAGE, Blend, Settings
from domain.serving.fold_in import evidence, fold_in_explicit, fold_in_implicit, user_bias
from domain.stars.neighbours import UNKNOWN, NearSettings, nearest
from domain.stars.published import StarModel, StarUsers
from spark_jobs.models.saved import Learned
from spark_jobs.models.transforms.recommendations import best_blended, predicted_stars, recommend
from tests.domain.models.test_blended_lists import MOVIES, RANK, SOME, model_of

STAR_RANK, N, STRANGE = 3, 8, 9999
SCHEMA = "user_id int, rated_ids array<int>, ratings array<float>, wanted_ids array<int>"


@pytest.fixture(scope="module")
def model() -> Learned:
    random = np.random.default_rng(1)
    products = random.normal(0.5, 1.0, (len(SOME), len(SOME))).astype(np.float32)
    near = nearest(np.full_like(products, 9.0), products, np.full(len(SOME), 4.0), 0, NearSettings(kept=9))
    stars = StarModel(
        3.5,
        random.normal(size=MOVIES).astype(np.float32),
        random.normal(size=(MOVIES, STAR_RANK)).astype(np.float32),
        SOME,
        near,
    )
    als, star_als = Settings(RANK, 0.3, 1.5, 1, 1), Settings(STAR_RANK, 0.1, 1.0, 1, 1)
    ids = np.arange(MOVIES, dtype=np.int32) + 100
    return Learned(ids, model_of(SOME, Blend(0.4, 0.2)), als, star_als, stars, Scale())


@pytest.fixture(scope="module")
def users(spark: SparkSession, model: Learned) -> DataFrame:
    """User u rated 3 · u movies and one that the models do not know; the last one all."""
    random = np.random.default_rng(2)
    rows = []
    for user, count in enumerate([*range(0, 45, 3), MOVIES]):
        rated = [*sorted(random.choice(model.ids, size=count, replace=False).tolist()), STRANGE]
        stars = (random.integers(1, 11, size=len(rated)) / 2).tolist()
        wanted = sorted([*random.choice(model.ids, size=user % 4, replace=False).tolist(), STRANGE])
        rows.append((user, rated, stars, wanted))
    return spark.createDataFrame(rows, SCHEMA).cache()


@pytest.fixture(scope="module")
def published(spark: SparkSession, model: Learned, users: DataFrame) -> list[tuple[Row, Row]]:
    """Pairs of a user and that user's row."""
    made = {row.user_id: row for row in recommend(users, spark.sparkContext.broadcast(model), N).collect()}
    return [(user, made[user.user_id]) for user in users.collect()]


def history(user: Row) -> tuple[Histories, np.ndarray]:
    rated = np.array(user.rated_ids[:-1], np.intp) - 100
    return Histories(np.array([0, len(rated)]), rated), np.array(user.ratings[:-1], np.float32)


def ranked_user(user: Row, model: Learned) -> np.ndarray:
    """Factors of the ranking, of one user."""
    own, stars = history(user)
    if not len(stars):
        return np.zeros((1, RANK), np.float32)
    factors, als = model.ranking.factors, model.als
    gram = factors.T.astype(float) @ factors
    found = fold_in_implicit(factors[own.rated], evidence(stars), gram, als.regularization, als.alpha)
    return found[np.newaxis].astype(np.float32)


def star_user(user: Row, model: Learned) -> StarUsers:
    own, stars = history(user)
    if not len(stars):
        return StarUsers(np.zeros(1), np.zeros((1, STAR_RANK), np.float32), own, stars)
    of_movies = model.stars.biases[own.rated]
    bias = user_bias(stars, of_movies, model.stars.mean, SHRINKAGE)
    left = stars - model.stars.mean - of_movies - bias
    factors = fold_in_explicit(model.stars.factors[own.rated], left, model.star_als.regularization)
    return StarUsers(np.array([bias]), factors[np.newaxis].astype(np.float32), own, stars)


def test_every_list_of_a_row_is_as_long_and_reasons_are_three_a_movie(published: list[tuple[Row, Row]]) -> None:
    for user, row in published:
        expected = min(N, MOVIES - len(user.rated_ids) + 1)
        assert {len(row[name]) for name in ("movie_ids", "scores", "predicted_ratings")} == {expected}
        assert len(row.because_ids) == len(row.because_shares) == REASONS * expected
        assert not set(row.movie_ids) & set(user.rated_ids)


def test_lists_are_those_of_the_model_that_ranks(published: list[tuple[Row, Row]], model: Learned) -> None:
    for user, row in published:
        found = model.ranking.lists(ranked_user(user, model), history(user)[0], N)
        count = len(row.movie_ids)
        assert row.movie_ids == model.ids[found.positions[0, :count]].tolist()
        assert row.scores == pytest.approx(found.scores[0, :count].tolist(), abs=1e-6)


def test_predicted_stars_are_those_of_the_model_of_stars_within_the_scale(
    published: list[tuple[Row, Row]], model: Learned
) -> None:
    clipped = set()
    for user, row in published:
        stars = model.stars.predict(star_user(user, model), np.array([row.movie_ids], int) - 100)[0]
        assert row.predicted_ratings == pytest.approx(np.clip(stars, 0.5, 5.0).tolist(), abs=1e-5)
        clipped |= set((stars > 5.0).tolist())
    assert clipped == {True, False}


def test_reasons_are_rated_movies_and_where_there_are_fewer_they_are_0(
    published: list[tuple[Row, Row]], model: Learned
) -> None:
    for user, row in published:
        own, stars = history(user)
        found = model.ranking.lists(ranked_user(user, model), own, N)
        why = reasons(found, own, stars, model.ranking.parts, model.als)
        count = len(row.movie_ids)
        shares = why.shares[0, :count].ravel()
        assert row.because_shares == pytest.approx(shares.tolist(), abs=1e-5)
        assert row.because_ids == np.where(shares > 0, model.ids[why.positions[0, :count].ravel()], 0).tolist()
        assert set(row.because_ids) <= {0, *user.rated_ids}
        assert [movie == 0 for movie in row.because_ids] == [share == 0.0 for share in row.because_shares]
    assert not any(published[0][1].because_ids), "who rated nothing that is known has no reasons"
    assert all(published[10][1].because_ids[::REASONS])


def test_rows_do_not_depend_on_the_partitioning(
    spark: SparkSession, users: DataFrame, model: Learned, published: list[tuple[Row, Row]]
) -> None:
    shared = spark.sparkContext.broadcast(model)
    expected = {row.user_id: row for _, row in published}
    for parts in (1, 6):
        assert {row.user_id: row for row in recommend(users.repartition(parts), shared, N).collect()} == expected


def test_lists_that_are_measured_are_those_that_are_published(
    spark: SparkSession, users: DataFrame, model: Learned, published: list[tuple[Row, Row]]
) -> None:
    found = best_blended(users, spark.sparkContext.broadcast(model), N).collect()
    measured = {row.user_id: (row.item_ids, row.scores) for row in found}
    assert measured == {row.user_id: (row.movie_ids, row.scores) for _, row in published}


def test_stars_of_any_movies_are_predicted_and_of_unknown_ones_by_the_users_bias(
    spark: SparkSession, users: DataFrame, model: Learned
) -> None:
    rows = predicted_stars(users.repartition(3), spark.sparkContext.broadcast(model)).collect()
    found = {(row.user_id, row.movie_id): row.predicted for row in rows}
    assert len(found) == len(rows)
    expected = {}
    for user in users.collect():
        wanted = np.array([UNKNOWN if movie == STRANGE else movie - 100 for movie in user.wanted_ids])
        stars = np.clip(model.stars.predict(star_user(user, model), wanted[np.newaxis])[0], 0.5, 5.0)
        expected |= {(user.user_id, movie): star for movie, star in zip(user.wanted_ids, stars, strict=True)}
        assert found[user.user_id, STRANGE] == pytest.approx(3.5 + star_user(user, model).biases[0])
    assert found == pytest.approx(expected, abs=1e-5)


def test_stars_stay_within_the_scale_of_the_data(spark: SparkSession, users: DataFrame, model: Learned) -> None:
    narrow = replace(model, scale=Scale(1.0, 4.0, 1.0))
    rows = recommend(users, spark.sparkContext.broadcast(narrow), N).collect()
    stars = [star for row in rows for star in row.predicted_ratings]
    assert (min(stars), max(stars)) == (1.0, 4.0)
