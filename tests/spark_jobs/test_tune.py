"""The tuning job on small data with planted tastes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from optuna.distributions import IntDistribution
from pyspark.sql import DataFrame, SparkSession

from domain.contract.movielens import SCALE
from domain.models.settings import RANKING_OF_FEW, STARS
from spark_jobs import evaluate, tune
from spark_jobs.evaluation import tuning
from spark_jobs.evaluation.protocols import PROTOCOLS, HoldOut
from spark_jobs.models import engines
from spark_jobs.movielens.rating_files import read_ratings
from spark_jobs.run import cli
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from tests.spark_jobs.conftest import ratings_rows

Tune = Callable[..., Run]
HELD_OUT = HoldOut(test_share=0.25, folds=3, user_share=0.3, scale=SCALE, relevant_from=4.0, keep_from=None, seed=42)


def write_folder(folder: Path, stars_of: Callable[[tuple[int, int], float], float]) -> Path:
    """Ratings in the form of ML-100K, with other stars where `stars_of` says so."""
    folder.mkdir(parents=True)
    rows = [(user, movie, stars_of((user, movie), stars), 9) for user, movie, stars, _ in ratings_rows()]
    (folder / "u.data").write_text("\n".join("\t".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("movielens") / "planted", lambda key, stars: stars)


@pytest.fixture(scope="module")
def ratings(spark: SparkSession, folder: Path) -> DataFrame:
    return read_ratings(spark, folder, SCALE, folder / "work").cache()


def run_job(job: Any, spark: SparkSession, paths: Paths, *arguments: object) -> Run:
    flags = vars(cli.parser(job.__name__, job.__doc__, job.add_arguments).parse_args([*map(str, arguments)]))
    del flags["data_dir"]
    run = Run(job.__name__.split(".")[-1], paths, {})
    job.main(spark, run, **flags)
    return run


@pytest.fixture(scope="module")
def tuned(spark: SparkSession, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    paths = Paths(tmp_path_factory.mktemp("tune"))
    return run_job(tune, spark, paths, "--movielens", folder, "--trials", 4)


def settings_of(run: Run) -> dict[str, Any]:
    return dict(json.loads((run.paths.tuning / "planted.json").read_text(encoding="utf-8")))


def test_the_file_has_settings_of_every_part_and_says_what_was_tuned_on_what(tuned: Run) -> None:
    found = settings_of(tuned)
    assert set(found["settings"]) == {"ranking", "stars", "ease", "blend", "neighbours"}
    assert (found["data"], found["protocol"], found["seed"], found["k"]) == ("planted", "random-by-user", 42, 10)
    trials = {part: sum(of["trials"].values()) for part, of in found["validation"].items() if part != "blend"}
    assert trials == {"ranking": 4, "ease": 1, "stars": 2, "neighbours": 2}
    assert tuned.metrics["ndcg@10.ranking.validation"] == found["validation"]["ranking"]["best"] > 0.0
    assert found["sizes"]["ratings.training"] + found["sizes"]["ratings.validation"] < 0.8 * found["sizes"]["ratings"]


def test_the_last_words_are_what_was_found_against_what_with_what_gain_and_the_file(tuned: Run) -> None:
    found = settings_of(tuned)["validation"]
    gains, settings, file = tuned.summary
    ranking = found["ranking"]
    assert f"implicit ALS ndcg@10 {ranking['before']:.4f}" in gains or f"ndcg@10 {ranking['best']:.4f} as" in gains
    assert f"blend ndcg@10 {found['blend']['before']:.4f} → {found['blend']['best']:.4f}" in gains
    assert f"± {found['blend']['interval']:.4f})" in gains
    assert settings.startswith("settings: ")
    assert file == f"file: {tuned.paths.tuning / 'planted.json'}, for --settings of train_als and evaluate"
    for part, of in found.items():
        assert of["best"] >= of["before"] or of["measure"] == "rmse" or part == "blend"
        assert of["best"] <= of["before"] or of["measure"] != "rmse"


def test_the_next_run_goes_on_where_this_one_ended(tuned: Run, spark: SparkSession, folder: Path) -> None:
    before = settings_of(tuned)["validation"]
    again = run_job(tune, spark, tuned.paths, "--movielens", folder, "--trials", 6)
    assert sum(settings_of(again)["validation"]["ranking"]["trials"].values()) == 6
    assert settings_of(again)["validation"]["ranking"]["best"] >= before["ranking"]["best"]


def test_test_ratings_are_never_looked_at(tuned: Run, spark: SparkSession, ratings: DataFrame, tmp_path: Path) -> None:
    """With all stars of evaluate's test part changed, the same study goes on, which is named after all it reads."""
    held_out = PROTOCOLS["random-by-user"](ratings, HELD_OUT)[0].held_out.collect()
    keys = {(row.user_id, row.movie_id) for row in held_out}
    changed = write_folder(tmp_path / "planted", lambda key, stars: 0.5 if key in keys else stars)
    before = settings_of(tuned)["validation"]
    again = run_job(tune, spark, tuned.paths, "--movielens", changed, "--trials", 1)
    assert settings_of(again)["validation"] == before


@pytest.mark.parametrize("protocol", ["random-by-item", "k-fold", "held-out-users"])
def test_the_validation_part_is_of_the_training_part(ratings: DataFrame, protocol: str) -> None:
    test = {(row.user_id, row.movie_id) for row in PROTOCOLS[protocol](ratings, HELD_OUT)[0].held_out.collect()}
    split = tune.validation_split(ratings, protocol, HELD_OUT)
    parts = [{(row.user_id, row.movie_id) for row in part.collect()} for part in (split.training, split.held_out)]
    assert all(parts)
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & test


def test_evaluate_takes_the_settings_and_flags_stand_above_them(tuned: Run, spark: SparkSession, folder: Path) -> None:
    file = tuned.paths.tuning / "planted.json"
    run = run_job(
        evaluate, spark, tuned.paths, "--movielens", folder, "--settings", file, "--models", "blend", "--iterations", 3
    )
    about = run.facts["evaluation"]
    file_says, told = settings_of(tuned), about["settings"]
    found = file_says["settings"]
    assert about["tuned"] == {name: file_says[name] for name in ("data", "run_id", "protocol", *tune.TOLD)}
    assert told["als"] == {**found["ranking"], "iterations": 3}
    assert told["blend"] == found["blend"]
    assert run.metrics["ndcg@10.blend"] > 0.0


def test_data_too_large_for_a_task_are_tuned_by_the_cluster(
    spark: SparkSession, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "MANY", 100)
    # the blocks have tests of their own, and MLlib minimizes the same in half the time where there is so little to do
    monkeypatch.setattr(tuning, "engine_for", lambda name, folder: engines.engine_for("mllib", folder))
    monkeypatch.setattr(tuning, "SPACES", {**tuning.SPACES, "ranking": {"rank": IntDistribution(3, 4)}})
    monkeypatch.setattr("domain.models.settings.RANKING_OF_FEW", replace(RANKING_OF_FEW, rank=3, iterations=1))
    monkeypatch.setattr("domain.models.settings.STARS", replace(STARS, rank=8, iterations=1))
    run = run_job(tune, spark, Paths(tmp_path), "--movielens", folder, "--trials", 1, "--ease-up-to", 1)
    found = settings_of(run)
    assert found["validation"]["ranking"]["trials"] == {"complete": 1, "pruned": 0, "fail": 0}
    assert 0.0 < found["validation"]["stars"]["best"] < 2.5
    assert found["settings"]["ranking"]["rank"] in (3, 4)
    assert set(found["validation"]) == {"ranking", "stars"}  # for the others there are too many movies
    assert list(run.paths.checkpoints.iterdir()) == []
