"""The evaluating job on small data with planted tastes."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.contract.movielens import HEADERS, SCALE, Scale
from domain.models.settings import SHRINKAGE
from spark_jobs import evaluate
from spark_jobs.evaluation import driver_models, protocols
from spark_jobs.evaluation.transforms.splits import random_split
from spark_jobs.movielens.rating_files import read_ratings
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

SMALL = ("--rank", "4", "--iterations", "4", "--alpha", "1", "--stars-rank", "4", "--stars-iterations", "8")
QUICK = (*SMALL, "--ease-regularization", "5", "--bootstrap", "50", "--k", "5,10")
Measure = Callable[..., Run]


@pytest.fixture(scope="module")
def rows(clean_data: Any, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, int, float, int]]:
    """user, movie, stars, second: users and movies are mixed in time, and few ratings share a second."""
    table = pq.read_table(clean_data(tmp_path_factory.mktemp("rows"), "planted-1").clean / "ratings").sort_by(
        [("user_id", "ascending"), ("movie_id", "ascending")]
    )
    columns = [table[name].to_pylist() for name in ("user_id", "movie_id", "rating")]
    return [
        (user, movie, stars, 1_500_000_000 + (331 * user + 173 * movie) % 1009)
        for user, movie, stars in zip(*columns, strict=True)
    ]


def written(folder: Path, rows: list[tuple[int, int, float, int]]) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [HEADERS["ratings"], *(",".join(map(str, row)) for row in rows)]
    (folder / "ratings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, float, int]]) -> Path:
    return written(tmp_path_factory.mktemp("movielens"), rows)


@pytest.fixture(scope="module")
def read_once(folder: Path) -> Iterator[None]:
    """The ratings that most runs measure are read and checked by the first of them."""
    first: list[DataFrame] = []

    def read(spark: SparkSession, path: Path, scale: Scale, work: Path) -> DataFrame:
        if path != folder or scale != SCALE:
            return read_ratings(spark, path, scale, work)
        first[:] = first or [read_ratings(spark, path, scale, work)]
        return first[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocols, "read_ratings", read)
        yield


@pytest.fixture(scope="module")
def measure(spark: SparkSession, read_once: None, tmp_path_factory: pytest.TempPathFactory) -> Measure:
    """A function that runs the job with flags as typed."""

    def run_job(*arguments: object, paths: Paths | None = None) -> Run:
        typed = [*QUICK, *map(str, arguments)]
        flags = vars(cli.parser("evaluate", evaluate.__doc__, evaluate.add_arguments).parse_args(typed))
        del flags["data_dir"]
        run = Run("evaluate", paths or Paths(tmp_path_factory.mktemp("evaluate")), {})
        evaluate.main(spark, run, **flags)
        return run

    return run_job


@pytest.fixture(scope="module")
def measured(measure: Measure, folder: Path) -> Run:
    return measure("--movielens", folder, "--models", "als,popular,ease,item-knn,blend,stars")


def test_the_folder_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parser = cli.parser("evaluate", "", evaluate.add_arguments)
    assert parser.parse_args(["--movielens", "../ml"]).movielens == tmp_path.parent / "ml"


class Said(NamedTuple):
    """A run with what it printed and warned of."""

    run: Run
    printed: str
    warnings: list[str]


@pytest.fixture(scope="module")
def popular_only(measure: Measure, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """A run on the high ratings, without intervals, by settings that were tuned on other parts."""
    file = tmp_path_factory.mktemp("tuned") / "tuned.json"
    tuned = {"data": folder.name, "protocol": "random-by-item", "seed": 42, "settings": {"blend": {"ease_weight": 0.2}}}
    file.write_text(json.dumps(tuned), encoding="utf-8")
    flags = ("--movielens", folder, "--models", "popular", "--bootstrap", "0", "--keep-from", "4", "--settings", file)
    printed, warnings = io.StringIO(), list[str]()
    with redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate.log, "warning", lambda text, *values: warnings.append(text % values))
        run = measure(*flags)
    return Said(run, printed.getvalue(), warnings)


def report(run: Run) -> dict[str, Any]:
    text = (run.paths.report(run.run_id) / "evaluate.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_models_that_learn_find_planted_tastes_that_most_popular_misses(measured: Run) -> None:
    for model in ("als", "ease", "item-knn", "blend"):
        for figure in ("ndcg@10", "map@10", "mrr@10", "recall@10", "precision@10", "hit_rate@10"):
            assert measured.metrics[f"{figure}.{model}"] > 1.3 * measured.metrics[f"{figure}.popular"], (figure, model)
        assert measured.metrics[f"coverage@5.{model}"] > measured.metrics["coverage@5.popular"]
        assert measured.metrics[f"gini@5.{model}"] < measured.metrics["gini@5.popular"]
        assert measured.metrics[f"novelty@5.{model}"] > measured.metrics["novelty@5.popular"]
        assert measured.metrics[f"users_without_list.{model}"] == 0.0


def test_errors_of_biases_alone_equal_numpy_on_the_same_split(
    measured: Run, spark: SparkSession, folder: Path, rows: list[Any]
) -> None:
    split = random_split(read_ratings(spark, folder, SCALE, folder / "work"), "user_id", 0.25, 42)
    held_out = {(row.user_id, row.movie_id) for row in split.held_out.collect()}
    table = np.full((1 + max(row[0] for row in rows), 1 + max(row[1] for row in rows)), np.nan)
    for user, movie, stars, _ in rows:
        if (user, movie) not in held_out:
            table[user, movie] = stars
    mean, there = np.nanmean(table), ~np.isnan(table)
    of_movies = np.nansum(table - mean, axis=0) / (SHRINKAGE + there.sum(axis=0))
    of_users = np.nansum(table - mean - of_movies, axis=1) / (SHRINKAGE + there.sum(axis=1))
    errors = np.array(
        [
            np.clip(mean + of_users[user] + of_movies[movie], 0.5, 5.0) - stars
            for user, movie, stars, _ in rows
            if (user, movie) in held_out
        ]
    )
    # biases are stored as float32, as the models that are published have them
    assert measured.metrics["rmse.bias_only"] == pytest.approx(np.sqrt((errors**2).mean()), abs=1e-6)
    assert measured.metrics["mae.bias_only"] == pytest.approx(np.abs(errors).mean(), abs=1e-6)


def test_intervals_hold_the_figure(measured: Run) -> None:
    figures = [one for one in report(measured)["figures"] if one["low"] is not None]
    assert len(figures) == 5 * (2 * 7 + 1) + 6 * 2
    assert [one for one in figures if not one["low"] <= one["value"] <= one["high"]] == []
    assert any(one["low"] < one["value"] < one["high"] for one in figures)


def test_the_report_says_the_figures_of_the_record_and_how_they_were_measured(
    measured: Run, folder: Path, rows: list[Any]
) -> None:
    about = report(measured)
    assert {f"{one['figure']}.{one['model']}": one["value"] for one in about["figures"]} == measured.metrics
    assert (about["protocol"], about["seed"], about["k"]) == ("random-by-user", 42, [5, 10])
    assert (about["relevant_from"], about["data"]) == (4.0, folder.name)
    assert about["settings"]["als"]["rank"] == 4
    (split,) = about["splits"]
    assert split["training"] + split["held_out"] == len(rows)
    assert measured.facts["evaluation"]["candidates"] == evaluate.CANDIDATES


def test_csv_and_plot_have_the_figures_too(measured: Run) -> None:
    with (measured.paths.report(measured.run_id) / "evaluate.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {f"{one['figure']}.{one['model']}": float(one["value"]) for one in lines} == measured.metrics
    assert {one["protocol"] for one in lines} == {"random-by-user"}
    page = (measured.paths.report(measured.run_id) / "evaluate.html").read_text(encoding="utf-8")
    found = [part in page for part in ("plotly.js v", "ndcg@10", "<script src=")]  # the page is too long to be shown
    assert found == [True, True, False]


def test_the_cleaned_ratings_are_measured_by_default(
    measure: Measure, measured: Run, clean_data: Any, tmp_path: Path
) -> None:
    run = measure("--models", "popular,ease", paths=clean_data(tmp_path, "planted-9"))
    assert (run.dataset_id, report(run)["data"]) == ("planted-9", "planted-9")
    assert run.metrics["ndcg@10.ease"] == pytest.approx(measured.metrics["ndcg@10.ease"], abs=1e-9)


def test_the_table_is_printed(popular_only: Said) -> None:
    lines = {line.split()[0]: line.split()[1:] for line in popular_only.printed.splitlines() if line.strip()}
    assert lines["lists"] == ["popular"]
    assert lines["ndcg@10"] == [f"{popular_only.run.metrics['ndcg@10.popular']:.4f}"]


def test_lower_ratings_can_be_left_out_before_the_split(popular_only: Said, rows: list[Any]) -> None:
    assert popular_only.run.counts["ratings"] == sum(row[2] >= 4 for row in rows)


def test_settings_that_were_found_on_other_parts_are_warned_of(popular_only: Said) -> None:
    (warning,) = popular_only.warnings
    assert "was found on other parts (protocol random-by-item, not random-by-user)" in warning
    assert popular_only.run.facts["evaluation"]["tuned"]["protocol"] == "random-by-item"


@pytest.mark.parametrize(
    "protocol",
    [
        ("random-by-item",),
        ("k-fold", "--folds", "2"),
        ("leave-last-out", "--relevant-from", "0.5"),
        ("time", "--test-share", "0.3"),
        ("held-out-users", "--user-share", "0.4"),
    ],
    ids=lambda protocol: protocol[0],
)
def test_every_protocol_measures_every_model(
    measure: Measure, folder: Path, rows: list[Any], protocol: tuple[str, ...]
) -> None:
    run = measure("--movielens", folder, "--protocol", *protocol)
    assert report(run)["protocol"] == protocol[0]
    if protocol[0] == "k-fold":
        assert sum(split["held_out"] for split in report(run)["splits"]) == len(rows), "every rating once"
    for model in ("als", "popular", "ease"):
        assert 0.0 < run.metrics[f"hit_rate@10.{model}"] <= 1.0
    assert 0.0 < run.metrics["mae.als"] < run.metrics["rmse.als"] < 2.5
    if protocol[0] in ("held-out-users", "random-by-item", "k-fold"):
        assert run.metrics["ndcg@10.als"] > 1.2 * run.metrics["ndcg@10.popular"]
        assert run.metrics["ndcg@10.ease"] > 1.2 * run.metrics["ndcg@10.popular"]


def test_a_user_unknown_in_training_has_no_list_of_a_model_that_learns(
    measure: Measure, rows: list[Any], tmp_path: Path
) -> None:
    late = [(99, movie, 5.0, 1_600_000_000 + movie) for movie in range(1, 20)]
    folder = written(tmp_path / "late", rows + late)
    share = str((len(late) + 0.5) / (len(rows) + len(late)))
    run = measure("--movielens", folder, "--protocol", "time", "--test-share", share, "--models", "als,popular,ease")
    assert run.metrics["users_without_list.popular"] == 0.0
    assert run.metrics["users_without_list.als"] == run.metrics["users_without_list.ease"] == 1.0
    assert run.metrics["ndcg@10.als"] == run.metrics["ndcg@10.ease"] == 0.0
    assert "novelty@10.als" not in run.metrics
    assert math.isfinite(run.metrics["ndcg@10.popular"])


def test_with_too_many_movies_item_knn_takes_the_place_of_ease(measure: Measure, folder: Path) -> None:
    run = measure("--movielens", folder, "--models", "popular,ease", "--ease-up-to", "10")
    assert report(run)["models"] == ["popular", "item-knn"]
    assert "ndcg@10.item-knn" in run.metrics


def test_large_data_are_ranked_by_factors_of_spark(
    measure: Measure, measured: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (evaluate, driver_models):
        monkeypatch.setattr(module, "MANY", 100)
    run = measure("--movielens", folder, "--models", "als,blend,stars", "--stars-iterations", 4)
    assert run.metrics["ndcg@10.blend"] > 0.0
    for figure in ("ndcg@10.als", "rmse.als"):  # the same minimum from another random start
        assert run.metrics[figure] == pytest.approx(measured.metrics[figure], rel=0.15), figure
    assert run.metrics["rmse.bias_only"] == pytest.approx(measured.metrics["rmse.bias_only"], abs=1e-6)
    assert "rmse.blend" not in run.metrics


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--k", "0"), "'0' is not a whole number from 1"),
        (("--k", "5,x"), "x"),
        (("--test-share", "1"), "'1' is not a number above 0 and below 1"),
        (("--test-share", "nan"), "'nan' is not a number above 0"),
        (("--folds", "1"), "'1' is not a whole number from 2"),
        (("--relevant-from", "good"), "'good' is not a number of stars"),
        (("--models", "als,magic"), "'magic' is not one of als"),
        (("--alpha", "-1"), "'-1' is not a number above 0"),
        (("--protocol", "guess"), "guess"),
    ],
)
def test_wrong_flags_are_told_before_any_work(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.parser("evaluate", evaluate.__doc__, evaluate.add_arguments).parse_args(arguments)
    assert left.value.code == 2
    assert says in capsys.readouterr().err


def test_a_protocol_that_leaves_nothing_to_test_on_is_one_clear_error(
    measure: Measure, tmp_path: Path, rows: list[Any]
) -> None:
    low = written(tmp_path / "low", [(*row[:2], 2.0, row[3]) for row in rows[:200]])
    with pytest.raises(JobError, match="nothing to test on"):
        measure("--movielens", low)


def test_no_ratings_left_is_one_clear_error(measure: Measure, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no ratings"):
        measure("--movielens", written(tmp_path / "empty", []))


def test_without_cleaned_data_the_message_says_what_to_run(measure: Measure) -> None:
    with pytest.raises(JobError, match="preprocess_movielens"):
        measure()
