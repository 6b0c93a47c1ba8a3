"""ALS over blocks against MLlib's, and against itself on another layout of the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.models.settings import RANKING, STARS, Settings
from spark_jobs.models import block_als, rating_blocks
from spark_jobs.models.block_als import BlockALS
from spark_jobs.models.engines import ENGINES, engine_for, fit_biases
from spark_jobs.models.transforms import mllib
from spark_jobs.models.transforms.biases import residuals

USERS, MOVIES = 80, 60
SMALL = {"rank": 8, "iterations": 3}


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    """Users of four tastes who rate movies of their taste often and high."""
    draw = np.random.default_rng(3)
    users, movies = np.meshgrid(np.arange(USERS), np.arange(MOVIES), indexing="ij")
    own = users % 4 == movies % 4
    rated = draw.random(own.shape) < np.where(own, 0.7, 0.1)
    stars = np.where(own, draw.integers(7, 11, own.shape), draw.integers(1, 7, own.shape)) / 2
    rows = [(int(7 * u), int(9 * m), float(stars[u, m])) for u, m in np.argwhere(rated)]  # ids with gaps
    return spark.createDataFrame(rows, "user_id int, item_id int, rating float").cache()


def matrix(frame: DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows = frame.toPandas().sort_values("id")
    return rows["id"].to_numpy(), np.vstack(rows["factors"].to_list()).astype(float)


def scores(factors: mllib.Factors) -> NDArray[np.float64]:
    return matrix(factors.users)[1] @ matrix(factors.items)[1].T


def fitted(ratings: DataFrame, folder: Path, seed: int = 1) -> mllib.Factors:
    return BlockALS(folder).implicit(ratings, replace(RANKING, **SMALL), seed)


@pytest.fixture(scope="module")
def whole(ratings: DataFrame, tmp_path_factory: pytest.TempPathFactory) -> mllib.Factors:
    """The model of one block a side."""
    return fitted(ratings, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def in_blocks(ratings: DataFrame, tmp_path_factory: pytest.TempPathFactory) -> mllib.Factors:
    """The model of several blocks, of ratings that lie in one partition."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rating_blocks, "RATINGS_PER_BLOCK", 500)
        return fitted(ratings.coalesce(1), tmp_path_factory.mktemp("blocks"))


def test_every_user_and_item_has_one_row_of_as_many_factors_as_asked_for(
    ratings: DataFrame, whole: mllib.Factors
) -> None:
    for frame, column in ((whole.users, "user_id"), (whole.items, "item_id")):
        ids, values = matrix(frame)
        assert ids.tolist() == sorted(row[0] for row in ratings.select(column).distinct().collect())
        assert values.shape == (len(ids), 8)


def test_the_same_ratings_give_the_same_bits_however_they_lie(
    ratings: DataFrame, in_blocks: mllib.Factors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rating_blocks, "RATINGS_PER_BLOCK", 500)
    scattered = fitted(ratings.orderBy(F.rand(1)).repartition(5), tmp_path)
    for ours, theirs in ((in_blocks.users, scattered.users), (in_blocks.items, scattered.items)):
        np.testing.assert_array_equal(matrix(ours)[1], matrix(theirs)[1])


def test_blocks_change_nothing_but_rounding(whole: mllib.Factors, in_blocks: mllib.Factors) -> None:
    np.testing.assert_allclose(scores(in_blocks), scores(whole), atol=1e-3)


def test_another_seed_is_another_model(ratings: DataFrame, whole: mllib.Factors, tmp_path: Path) -> None:
    assert not np.array_equal(matrix(fitted(ratings, tmp_path, seed=2).items)[1], matrix(whole.items)[1])


def test_a_model_that_ranks_is_as_good_as_that_of_mllib(ratings: DataFrame, tmp_path: Path) -> None:
    settings = replace(RANKING, rank=8, iterations=12)
    ours, theirs = (engine_for(name, tmp_path / name).implicit(ratings, settings, 1) for name in ENGINES)
    assert objective(ratings, ours, settings, "implicit") <= 1.01 * objective(ratings, theirs, settings, "implicit")


def test_a_model_that_predicts_stars_is_as_good_as_that_of_mllib(
    ratings: DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rating_blocks, "RATINGS_PER_BLOCK", 500)  # biases of other rows than a block's first
    settings, biases = replace(STARS, rank=8, iterations=12), fit_biases(ratings)
    ours, theirs = (engine_for(name, tmp_path / name).explicit(ratings, biases, settings, 1) for name in ENGINES)
    left = residuals(ratings, biases)
    assert objective(left, ours, settings, "explicit") <= 1.01 * objective(left, theirs, settings, "explicit")


def test_models_of_the_same_ratings_share_their_blocks_and_others_do_not(
    ratings: DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts: list[DataFrame] = []

    def cut(frame: DataFrame, folder: Path) -> Any:
        cuts.append(frame)
        return rating_blocks.write_blocks(frame, folder)

    monkeypatch.setattr(block_als, "write_blocks", cut)
    settings, few = replace(RANKING, rank=2, iterations=1), ratings.where("user_id < 200").cache()
    engine = BlockALS(tmp_path)
    engine.implicit(ratings, settings, 1)
    engine.explicit(ratings, fit_biases(ratings), settings, 1)
    users = matrix(engine.implicit(few, settings, 1).users)[0]
    assert cuts == [ratings, few]
    assert users.max() < 200


def test_biases_of_other_users_are_refused(ratings: DataFrame, tmp_path: Path) -> None:
    biases = fit_biases(ratings.where("user_id < 200"))
    with pytest.raises(ValueError, match="user_id"):
        BlockALS(tmp_path).explicit(ratings, biases, replace(STARS, rank=2, iterations=1), 1)


def objective(ratings: DataFrame, factors: mllib.Factors, settings: Settings, kind: str) -> float:
    """What both engines minimize, written down once more in NumPy."""
    (users, of_users), (movies, of_movies) = matrix(factors.users), matrix(factors.items)
    rows = ratings.toPandas()
    u, m = np.searchsorted(users, rows["user_id"]), np.searchsorted(movies, rows["item_id"])
    everything = of_users @ of_movies.T
    predicted = everything[u, m]
    penalty = np.bincount(u) @ (of_users**2).sum(1) + np.bincount(m) @ (of_movies**2).sum(1)
    if kind == "explicit":
        return float(((rows["rating"] - predicted) ** 2).sum() + settings.regularization * penalty)
    confidence = 1 + settings.alpha * np.maximum(rows["rating"] - 2, mllib.WATCHED)
    misses = (confidence * (1 - predicted) ** 2).sum() - (predicted**2).sum() + (everything**2).sum()
    return float(misses + settings.regularization * penalty)
