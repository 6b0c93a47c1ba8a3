"""Measure rankings and predicted stars on any MovieLens folder, by a protocol of your choice, beside baselines.

Implicit ALS, «most popular» and EASE (item-kNN where there are too many movies for it) rank all movies of the training
part that the user has not rated there; explicit ALS on residuals of biases and «bias only» predict stars. Every model
gets the same training part, users and movies; intervals are those of the bootstrap over users.

Reads: DATA_DIR/clean/ratings, or the ratings of the folder that --movielens names (ratings.csv, ratings.dat, u.data)
Writes: DATA_DIR/reports/<run_id>/evaluate.{json,csv,html}; a table on standard output; metrics in the run record
Example: make job JOB=evaluate ARGS="--protocol held-out-users --k 10,50"
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.common import attempts, cli, contest, evaluation_report, flags, models
from spark_jobs.common.checkpoints import checkpoints
from spark_jobs.common.contest import Contest, Lists
from spark_jobs.common.errors import JobError
from spark_jobs.common.rating_files import read_clean, read_ratings
from spark_jobs.common.runs import Run
from spark_jobs.common.scores import Scores
from spark_jobs.transforms import splits
from spark_jobs.transforms.als import RANKING, STARS, settings_for
from spark_jobs.transforms.splits import Split

log = logging.getLogger(__name__)

MODELS = ("als", "popular", "ease", "item-knn", "stars")  # stars: explicit ALS and bias only
CANDIDATES = "all movies of the training part that the user has not rated there"
Options = dict[str, Any]
PROTOCOLS: dict[str, Callable[[DataFrame, Options], list[Split]]] = {
    "random-by-user": lambda all, of: [splits.random_split(all, "user_id", of["test_share"], of["seed"])],
    "random-by-item": lambda all, of: [splits.random_split(all, "movie_id", of["test_share"], of["seed"])],
    "k-fold": lambda all, of: splits.k_folds(all, of["folds"], of["seed"]),
    "leave-last-out": lambda all, of: [splits.leave_last_out(all, of["seed"])],
    "time": lambda all, of: [splits.time_split(all, of["test_share"])],
    "held-out-users": lambda all, of: [splits.held_out_users(all, of["user_share"], of["test_share"], of["seed"])],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of evaluate."""
    parser.add_argument("--movielens", type=Path, help="folder of a MovieLens release (default: the cleaned ratings)")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="random-by-user", help="(default: random-by-user)")
    parser.add_argument("--test-share", type=flags.inner_share, default=0.25, help="of the ratings (default: 0.25)")
    parser.add_argument("--folds", type=flags.several, default=5, help="of k-fold (default: 5)")
    parser.add_argument("--user-share", type=flags.inner_share, default=0.1, help="of held-out-users (default: 0.1)")
    parser.add_argument("--seed", type=flags.whole, default=42, help="of splits, models and bootstrap (default: 42)")
    parser.add_argument("--relevant-from", type=flags.stars, default=4.0, help="stars that make a hit (default: 4.0)")
    parser.add_argument("--keep-from", type=flags.stars, help="stars; lower ratings are left out (default: all stay)")
    parser.add_argument("--k", type=flags.counts, default="5,10,20", help="lengths of lists (default: 5,10,20)")
    parser.add_argument(
        "--models", type=flags.some_of(MODELS), default="als,popular,ease,stars", help=f"some of {','.join(MODELS)}"
    )
    parser.add_argument("--bootstrap", type=flags.whole, default=1000, help="samples, 0 for none (default: 1000)")
    parser.add_argument("--confidence", type=flags.inner_share, default=0.95, help="of intervals (default: 0.95)")
    parser.add_argument("--rank", type=flags.positive, help=f"of implicit ALS (default: {RANKING.rank})")
    parser.add_argument("--regularization", type=flags.above_zero, help=f"(default: {RANKING.regularization})")
    parser.add_argument("--alpha", type=flags.above_zero, help=f"of implicit ALS (default: {RANKING.alpha})")
    parser.add_argument("--iterations", type=flags.positive, help=f"(default: {RANKING.iterations}; large data: 10)")
    parser.add_argument("--stars-rank", type=flags.positive, help=f"of explicit ALS (default: {STARS.rank})")
    parser.add_argument("--stars-regularization", type=flags.above_zero, help=f"(default: {STARS.regularization})")
    parser.add_argument("--stars-iterations", type=flags.positive, help=f"(default: {STARS.iterations})")
    parser.add_argument("--ease-regularization", type=flags.above_zero, default=500.0, help="λ (default: 500)")
    parser.add_argument("--ease-up-to", type=flags.positive, default=20_000, help="movies (default: 20000, 5 GB)")
    parser.add_argument("--neighbours", type=flags.positive, default=100, help="of item-kNN (default: 100)")


def main(spark: SparkSession, run: Run, *, movielens: Path | None, protocol: str, **options: Any) -> None:
    """Read, split, let each model make its lists on each split, and write what they are worth.

    `options` are the other flags by name; each part of the job takes those that concern it.
    """
    with run.step("read the ratings") as step:
        ratings = _ratings(spark, run, movielens, options["keep_from"])
        step.rows = run.counts["ratings"]
    options["models"] = _feasible(options, run.counts["movies"])
    settings = _settings(options, run.counts["ratings"])
    about = {
        "run_id": run.run_id,
        "protocol": protocol,
        "data": run.facts["data"],
        "candidates": CANDIDATES,
        **options,
        "settings": {name: asdict(of) for name, of in settings.items()},
    }
    run.fact("evaluation", about)
    scores = Scores(options["k"])
    with checkpoints(spark, run.paths.checkpoints / run.run_id):
        for number, split in enumerate(PROTOCOLS[protocol](ratings, options), start=1):
            with run.step(f"split {number}") as step:
                race = contest.prepare(spark, split, options["relevant_from"])
                step.rows = race.held_out
            _let_run(run, race, scores, settings, options)
            race.release()
    _publish(run, {**about, "splits": scores.splits}, scores, options)


def _ratings(spark: SparkSession, run: Run, movielens: Path | None, keep_from: float | None) -> DataFrame:
    if movielens is None:
        run.dataset_id = models.clean_dataset(run.paths)["dataset_id"]
        ratings, data = read_clean(spark, run.paths.clean / "ratings"), run.dataset_id
    else:
        ratings, data = read_ratings(spark, movielens), movielens.absolute().name
    kept = ratings if keep_from is None else ratings.where(F.col("rating") >= keep_from)
    run.fact("data", data)
    for name, frame in (("ratings", kept), ("users", kept.select("user_id")), ("movies", kept.select("movie_id"))):
        run.count(name, frame.count() if name == "ratings" else frame.distinct().count())
    if run.counts["ratings"] == 0:
        raise JobError(f"{movielens or run.paths.clean / 'ratings'}: no ratings to evaluate on. Name another folder.")
    return kept


def _feasible(options: Options, movies: int) -> list[str]:
    """The models asked for, with item-kNN in the place of EASE where that would need too much memory."""
    wanted = options["models"]
    if "ease" not in wanted or movies <= options["ease_up_to"]:
        return list(wanted)
    log.warning("%d movies are more than --ease-up-to: item-kNN takes the place of EASE.", movies)
    return [model for model in MODELS if model != "ease" and model in {*wanted, "item-knn"}]


def _settings(options: Options, ratings: int) -> dict[str, Any]:
    given = {name: options[name] for name in ("rank", "regularization", "alpha", "iterations")}
    of_stars = {name: options[f"stars_{name}"] for name in ("rank", "regularization", "iterations")}
    return {"als": settings_for(RANKING, ratings, **given), "stars": settings_for(STARS, ratings, **of_stars)}


def _let_run(run: Run, race: Contest, scores: Scores, settings: dict[str, Any], options: Options) -> None:
    n, seed = max(options["k"]), options["seed"]
    rankers: dict[str, Callable[[], Lists]] = {
        "als": partial(contest.by_als, race, settings["als"], seed, n),
        "popular": partial(contest.by_popularity, race, n),
        "ease": partial(contest.by_ease, race, options["ease_regularization"], n),
        "item-knn": partial(contest.by_item_knn, race, options["neighbours"], n),
    }
    scores.start(race)
    for model in options["models"]:
        with run.step(model) as step:
            step.rows = race.training
            if model == "stars":
                scores.add_stars(contest.star_errors(race, settings["stars"], seed))
            else:
                scores.add_lists(model, rankers[model](), race.truth)


def _publish(run: Run, about: dict[str, Any], scores: Scores, options: Options) -> None:
    with run.step("bootstrap and report"):
        figures = scores.figures(options["bootstrap"], options["confidence"], options["seed"])
        for found in figures:
            if found.value is not None:
                run.metric(f"{found.figure}.{found.model}", found.value)
        final = run.paths.report(run.run_id)
        with attempts.attempt(final) as folder:
            evaluation_report.write(folder, about, figures)
            attempts.complete(final)
        print(evaluation_report.table(figures))
        log.info("report: %s", final)


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
