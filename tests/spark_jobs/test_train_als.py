"""The training job on small data with planted tastes, and on the real ml-latest-small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from domain.evaluation.ranking import ndcg
from domain.tuning import weights
from spark_jobs import train_als
from spark_jobs.evaluation import own_holdout
from spark_jobs.evaluation.transforms.holdout import split_holdout
from spark_jobs.models import saved
from spark_jobs.storage import folders
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

FLAGS: dict[str, Any] = {
    "holdout_share": 0.2,
    "relevant_from": 4.0,
    "seed": 1,
    "model": "blend",
    "head": 1000,
    "similar": 5,
    "min_ratings": 8,
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


@pytest.mark.parametrize("name", ["blend", "als"])
def test_planted_tastes_are_found(trained: Run, name: str) -> None:
    assert trained.metrics[f"ndcg@10.{name}"] > 2 * trained.metrics["ndcg@10.popular"]
    assert trained.metrics[f"recall@10.{name}"] > 2 * trained.metrics["recall@10.popular"]
    assert trained.metrics[f"coverage@10.{name}"] > trained.metrics["coverage@10.popular"]
    assert trained.metrics[f"users_with_list@10.{name}"] == 1.0


def test_published_stars_are_better_than_biases_where_tastes_are_planted(trained: Run) -> None:
    assert trained.metrics["rmse.published"] < trained.metrics["rmse.bias_only"]


def test_lists_in_the_folder_of_the_model_are_those_that_were_measured(trained: Run, spark: SparkSession) -> None:
    assert trained.metrics["ndcg@10.blend"] == pytest.approx(ndcg_by_hand(trained, spark), abs=1e-6)


def ndcg_by_hand(run: Run, spark: SparkSession) -> float:
    """Of the lists in the model's folder, on the hold-out that anybody can cut again."""
    training, held_out = split_holdout(spark.read.parquet(str(run.paths.clean / "ratings")), 0.2, 1)
    liked: dict[int, set[int]] = {}
    for row in held_out.where("rating >= 4.0").collect():
        liked.setdefault(row.user_id, set()).add(row.movie_id)
    rows = pq.read_table(run.paths.model(run.run_id) / saved.MEASURED).to_pylist()
    lists = {row["user_id"]: row["movie_ids"] for row in rows}
    assert set(lists) == set(liked)
    for row in training.collect():
        assert row.movie_id not in lists.get(row.user_id, [])
    return float(np.mean([ndcg(lists[user], sorted(movies), 10) for user, movies in liked.items()]))


def test_similar_movies_of_every_movie_are_in_the_folder_of_the_model(trained: Run, spark: SparkSession) -> None:
    rows = pq.read_table(trained.paths.model(trained.run_id) / saved.SIMILAR).to_pylist()
    movies = {row.movie_id for row in spark.read.parquet(str(trained.paths.clean / "movies")).collect()}
    assert {row["movie_id"] for row in rows} == movies
    assert max(len(row["movie_ids"]) for row in rows) == 5
    alike = [other % 4 == row["movie_id"] % 4 for row in rows for other in row["movie_ids"]]
    assert np.mean(alike) > 0.9, "they are of one taste"


def test_als_alone_has_lists_without_ease_and_says_so(
    trained: Run, spark: SparkSession, clean_data: Any, tuned: Path, tmp_path: Path
) -> None:
    alone = train(spark, clean_data(tmp_path, "planted-1"), settings=tuned, model="als")
    model = saved.load(alone.paths.model(alone.run_id))
    assert model.about["model"] == "als"
    assert model.about["settings"]["blend"] == {"ease_weight": 0.0, "popular_weight": 0.0}
    assert not {name for name in alone.metrics if name.endswith(".blend")}
    for figure in ("ndcg@10.als", "ndcg@10.popular", "rmse.published"):
        assert alone.metrics[figure] == pytest.approx(trained.metrics[figure], rel=1e-9)
    assert alone.metrics["ndcg@10.als"] == pytest.approx(ndcg_by_hand(alone, spark), abs=1e-6)


def few_tags_and_ratings(spark: SparkSession, paths: Paths, users: int) -> Paths:
    """The data as cleaning leaves it where there are no tags, of so many users alone."""
    for name, where in (("tags", "false"), ("ratings", f"user_id <= {users}")):
        kept = spark.read.parquet(str(paths.clean / name)).where(where).localCheckpoint()
        kept.write.mode("overwrite").parquet(str(paths.clean / name))
    return paths


@pytest.mark.parametrize("users", [2, 20])
def test_without_tags_and_of_hardly_any_user_a_model_is_trained_still(
    spark: SparkSession, clean_data: Any, tuned: Path, tmp_path: Path, users: int
) -> None:
    """Of two users no movie is rated often enough to be of EASE's head."""
    run = train(spark, few_tags_and_ratings(spark, clean_data(tmp_path, "few"), users), settings=tuned)
    learned = saved.learned(saved.load(run.paths.model(run.run_id)))
    assert (len(learned.ranking.head) == 0) == (users == 2)
    assert {"ndcg@10.blend", "rmse.published"} <= set(run.metrics)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few ratings are many, and twenty users are enough to weigh by."""
    monkeypatch.setattr(own_holdout, "MANY", 0)
    monkeypatch.setattr(weights, "MEASURED", 20)


@pytest.mark.usefixtures("many")
def test_of_many_ratings_those_to_weigh_by_are_in_no_other_part(
    spark: SparkSession, clean_data: Any, tmp_path: Path
) -> None:
    run = Run("train_als", clean_data(tmp_path, "planted-1"), {})
    parts = own_holdout.split(spark, run, 0.2, 1, [])
    assert parts.validation is not None
    keys = [
        [(row.user_id, row.movie_id) for row in part.collect()]
        for part in (parts.training, parts.held_out, parts.validation)
    ]
    together = [key for part in keys for key in part]
    assert len(together) == len(set(together)) == spark.read.parquet(str(run.paths.clean / "ratings")).count()
    names = ("ratings.training", "ratings.held_out", "ratings.validation")
    assert [run.counts[name] for name in names] == [len(part) for part in keys]
    users = {user for user, _ in keys[2]}
    assert 5 <= len(users) <= 40
    for user in users:
        others = sum(key[0] == user for key in keys[0])
        share = sum(key[0] == user for key in keys[2]) / (others + sum(key[0] == user for key in keys[2]))
        assert 0.1 < share <= 0.25
    again = own_holdout.split(spark, Run("train_als", run.paths, {}), 0.2, 1, [])
    assert again.validation is not None
    assert {(row.user_id, row.movie_id) for row in again.validation.collect()} == set(keys[2])
    few = {
        (row.user_id, row.movie_id)
        for row in split_holdout(spark.read.parquet(str(run.paths.clean / "ratings")), 0.2, 1)[1].collect()
    }
    assert set(keys[1]) == few, "the hold-out is that of any other training"


@pytest.mark.usefixtures("many")
def test_of_many_ratings_the_very_model_is_weighed_that_is_published(
    spark: SparkSession, clean_data: Any, tuned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_holdout, "weighed", None)  # nothing is learned in the driver
    run = train(spark, clean_data(tmp_path, "planted-1"), settings=tuned)
    learned = saved.learned(saved.load(run.paths.model(run.run_id)))
    assert learned.ranking.raters.sum() == run.counts["ratings.training"], "what it is weighed by was not learned"
    weights = run.facts["weights"]
    assert weights["ndcg"] >= weights["before"] > 0
    assert run.facts["settings"]["blend"] == weights["blend"]
    blend = learned.ranking.blend
    assert {"ease_weight": blend.ease_weight, "popular_weight": blend.popular_weight} == weights["blend"]
    assert run.metrics["ndcg@10.blend"] > 2 * run.metrics["ndcg@10.popular"]


def test_the_model_says_what_it_was_made_from_and_how_good_it_is(trained: Run) -> None:
    about = json.loads((trained.paths.model(trained.run_id) / saved.ABOUT).read_text(encoding="utf-8"))
    assert (about["run_id"], about["dataset_id"]) == (trained.run_id, "planted-1")
    assert about["holdout"] == {"share": 0.2, "seed": 1, "relevant_from": 4.0, "k": 10}
    assert about["model"] == "blend"
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
    lists = (
        {row["movie_id"]: row for row in pq.read_table(run.paths.model(run.run_id) / saved.SIMILAR).to_pylist()}
        for run in (trained, trained_again)
    )
    assert next(lists) == next(lists)
    for name in (saved.USERS, saved.MOVIES, saved.STAR_USERS, saved.STAR_MOVIES, saved.HEAD):
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
    assert metrics["ndcg@10.blend"] > metrics["ndcg@10.als"]
    assert metrics["recall@10.als"] > 1.5 * metrics["recall@10.popular"]
    assert metrics["coverage@10.als"] > metrics["coverage@10.popular"]


@pytest.mark.realdata
def test_factors_predict_the_stars_of_movielens_better_than_biases_alone(trained_on_movielens: Run) -> None:
    metrics = trained_on_movielens.metrics
    assert metrics["rmse.published"] < metrics["rmse.als"] < metrics["rmse.bias_only"] < 0.9


@pytest.mark.realdata
def test_every_user_of_movielens_has_a_list(trained_on_movielens: Run) -> None:
    assert trained_on_movielens.metrics["users_with_list@10.blend"] == 1.0
