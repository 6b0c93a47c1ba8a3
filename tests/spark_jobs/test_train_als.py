"""The training job on small data with planted tastes, and on the real ml-latest-small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from spark_jobs import train_als
from spark_jobs.models import saved
from spark_jobs.storage import folders
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

FLAGS: dict[str, Any] = {
    "holdout_share": 0.2,
    "relevant_from": 4.0,
    "seed": 1,
    "engine": "blocks",
    "rank": 4,
    "regularization": 0.1,
    "alpha": 1.0,
    "iterations": 4,
}


TUNED = {"settings": {"stars": {"rank": 8, "iterations": 4}, "ranking": {"rank": 9}}}  # as `make tune` writes it


def train(spark: SparkSession, paths: Paths, **flags: Any) -> Run:
    run = Run("train_als", paths, {})
    train_als.main(spark, run, **{**FLAGS, **flags})
    return run


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of settings: the model of stars as small as the tests need it."""
    file = tmp_path_factory.mktemp("tuned") / "planted.json"
    file.write_text(json.dumps(TUNED), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, clean_data: Any, tuned: Path) -> Run:
    return train(spark, clean_data(tmp_path_factory.mktemp("train"), "planted-1"), settings=tuned)


def test_training_and_held_out_ratings_add_up(trained: Run, spark: SparkSession) -> None:
    rows = spark.read.parquet(str(trained.paths.clean / "ratings")).count()
    assert trained.counts["ratings.training"] + trained.counts["ratings.held_out"] == rows
    assert 0.1 < trained.counts["ratings.held_out"] / rows <= 0.2


def test_planted_tastes_are_found(trained: Run) -> None:
    assert trained.metrics["ndcg@10.als"] > 2 * trained.metrics["ndcg@10.popular"]
    assert trained.metrics["recall@10.als"] > 2 * trained.metrics["recall@10.popular"]
    assert trained.metrics["coverage@10.als"] > trained.metrics["coverage@10.popular"]
    assert trained.metrics["users_with_list@10.als"] == 1.0


def test_the_model_says_what_it_was_made_from_and_how_good_it_is(trained: Run) -> None:
    about = json.loads((trained.paths.model(trained.run_id) / saved.ABOUT).read_text(encoding="utf-8"))
    assert (about["run_id"], about["dataset_id"]) == (trained.run_id, "planted-1")
    assert about["holdout"] == {"share": 0.2, "seed": 1, "relevant_from": 4.0, "k": 10}
    assert about["settings"]["ranking"]["rank"] == 4, "flags stand above the file"
    assert (about["settings"]["stars"]["rank"], about["settings"]["stars"]["iterations"]) == (8, 4)
    assert about["metrics"] == trained.metrics


def test_every_user_and_every_trained_movie_has_factors_of_both_models(trained: Run, spark: SparkSession) -> None:
    model = saved.load(trained.paths.model(trained.run_id))
    users = {row.user_id for row in spark.read.parquet(str(trained.paths.clean / "ratings")).collect()}
    for name in (saved.USERS, saved.STAR_USERS):
        assert set(model.table(name)["id"].to_pylist()) == users
    assert model.table(saved.MOVIES)["id"] == model.table(saved.STAR_MOVIES)["id"]
    assert {len(row) for row in model.table(saved.MOVIES)["factors"].to_pylist()} == {4}


@pytest.fixture(scope="module")
def trained_again(trained: Run, spark: SparkSession, tuned: Path) -> Run:
    """A second training with the same seed, after one that was killed half-way, from files that were cut otherwise."""
    killed = trained.paths.models / "20190101T000000.000Z-dead00"
    with pytest.raises(RuntimeError), folders.attempt(killed):
        raise RuntimeError
    ratings = trained.paths.clean / "ratings"
    shuffled = spark.read.parquet(str(ratings)).orderBy(F.rand(1)).repartition(5)
    shuffled.localCheckpoint().write.mode("overwrite").parquet(str(ratings))
    return train(spark, trained.paths, settings=tuned)


def test_the_same_seed_gives_the_same_model_to_the_last_bit(trained: Run, trained_again: Run) -> None:
    assert trained_again.metrics == pytest.approx(trained.metrics, rel=1e-12)
    for name in (saved.USERS, saved.MOVIES, saved.STAR_USERS, saved.STAR_MOVIES):
        ours, theirs = (saved.load(run.paths.model(run.run_id)).table(name) for run in (trained, trained_again))
        assert ours.sort_by("id").equals(theirs.sort_by("id")), name


def test_mllib_finds_the_planted_tastes_too(
    trained: Run, spark: SparkSession, clean_data: Any, tuned: Path, tmp_path: Path
) -> None:
    other = train(spark, clean_data(tmp_path, "planted-1"), engine="mllib", settings=tuned)
    for figure in ("ndcg@10.als", "rmse.als"):
        assert other.metrics[figure] == pytest.approx(trained.metrics[figure], rel=0.1)


def test_only_whole_models_are_left(trained: Run, trained_again: Run) -> None:
    assert {path.name for path in trained.paths.models.iterdir()} == {trained.run_id, trained_again.run_id}
    assert list(trained.paths.checkpoints.iterdir()) == []


def test_without_cleaned_data_the_message_says_what_to_run(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="preprocess_movielens"):
        train(spark, Paths(tmp_path))


def test_ids_beyond_32_bits_are_told_before_training(spark: SparkSession, tmp_path: Path, clean_data: Any) -> None:
    paths = clean_data(tmp_path, "wide")
    wide = spark.createDataFrame([(2**40, 1, 3.0)], "user_id long, movie_id int, rating float")
    wide.write.mode("overwrite").parquet(str(paths.clean / "ratings"))
    with pytest.raises(JobError, match="user_id"):
        train(spark, paths)
    assert not paths.models.exists()


def test_no_ratings_at_all_is_one_clear_error(spark: SparkSession, tmp_path: Path, clean_data: Any) -> None:
    paths = clean_data(tmp_path, "empty")
    empty = spark.createDataFrame([], "user_id int, movie_id int, rating float")
    empty.write.mode("overwrite").parquet(str(paths.clean / "ratings"))
    with pytest.raises(JobError, match="no ratings"):
        train(spark, paths)


@pytest.fixture(scope="module")
def trained_on_movielens(spark: SparkSession, movielens_clean: Paths) -> Run:
    """The job with its defaults, but a lower rank and fewer iterations: half a minute in place of two."""
    defaults = {"holdout_share": 0.1, "seed": 42, "regularization": None, "alpha": None}
    return train(spark, movielens_clean, **defaults, rank=32, iterations=8)


@pytest.mark.realdata
def test_the_model_of_movielens_ranks_far_better_than_most_popular(trained_on_movielens: Run) -> None:
    metrics = trained_on_movielens.metrics
    assert metrics["ndcg@10.als"] > 1.5 * metrics["ndcg@10.popular"]
    assert metrics["recall@10.als"] > 1.5 * metrics["recall@10.popular"]
    assert metrics["coverage@10.als"] > metrics["coverage@10.popular"]


@pytest.mark.realdata
def test_factors_predict_the_stars_of_movielens_better_than_biases_alone(trained_on_movielens: Run) -> None:
    assert trained_on_movielens.metrics["rmse.als"] < trained_on_movielens.metrics["rmse.bias_only"] < 0.9


@pytest.mark.realdata
def test_every_user_of_movielens_has_a_list(trained_on_movielens: Run) -> None:
    assert trained_on_movielens.metrics["users_with_list@10.als"] == 1.0
