"""Train what ranks movies, a blend of implicit ALS, sparse EASE and «most popular», and what predicts stars.

A hold-out of each user's ratings is set aside first and used at the end only, to measure both beside their parts, «most
popular» and «bias only». The weights of the blend are found on a validation part of the rest.

Reads: DATA_DIR/clean/{ratings,movies}, and quality.json, the verdict of report_quality
Writes: DATA_DIR/models/<run_id>: factors, EASE and neighbours as Parquet, model.json with parameters and metrics
Example: make job JOB=train_als ARGS="--model als --rank 32"
"""

from __future__ import annotations

import argparse
import logging
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from domain.contract.files import write_json
from domain.models.settings import Blend, ModelSettings, defaults_for
from spark_jobs.evaluation import own_holdout
from spark_jobs.evaluation.own_holdout import K
from spark_jobs.models import saved, training
from spark_jobs.models.engines import ENGINES, engine_for
from spark_jobs.models.training import Wanted
from spark_jobs.models.transforms.topn import as_items
from spark_jobs.models.tuned import read_tuned
from spark_jobs.outliers.flagged import fake_users
from spark_jobs.quality import gate
from spark_jobs.run import cli, flags
from spark_jobs.storage import folders
from spark_jobs.storage.datasets import clean_dataset, scale
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

MODELS = ("blend", "als")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of train_als."""
    parser.add_argument(
        "--holdout-share", type=flags.inner_share, default=0.1, help="of each user's ratings (default: 0.1)"
    )
    parser.add_argument("--relevant-from", type=flags.stars, help="stars that make a hit (default: 4 of 5)")
    parser.add_argument("--seed", type=flags.whole, default=42, help="of hold-out and random start (default: 42)")
    parser.add_argument("--model", choices=MODELS, default="blend", help="that ranks; als: alone (default: blend)")
    parser.add_argument("--head", type=flags.positive, default=20_000, help="movies of EASE at most (default: 20000)")
    parser.add_argument("--similar", type=flags.positive, default=50, help="in a list of similar movies (default: 50)")
    parser.add_argument("--min-ratings", type=flags.positive, default=20, help="a similar movie needs (default: 20)")
    parser.add_argument("--engine", choices=ENGINES, default="blocks", help="(default: blocks)")
    parser.add_argument("--settings", type=flags.folder, help="file of `make tune` (default: the flags' defaults)")
    parser.add_argument("--rank", type=flags.positive, help="factors of implicit ALS (default: 64; few a user: 32)")
    parser.add_argument("--regularization", type=flags.above_zero, help="its λ (default: 0.2; few ratings a user: 2.0)")
    parser.add_argument(
        "--alpha", type=flags.above_zero, help="its confidence by evidence (default: 1.5; few a user: 4.0)"
    )
    parser.add_argument("--iterations", type=flags.positive, help="of it (default: 15; large data: 10)")
    parser.add_argument(
        "--exclude-anomalous", action="store_true", help="leave out the fake profiles that detect_anomalous_users found"
    )
    parser.add_argument("--unvalidated", action="store_true", help="learn from data that failed quality checks")


def main(
    spark: SparkSession,
    run: Run,
    *,
    holdout_share: float,
    relevant_from: float | None,
    seed: int,
    model: str,
    head: int,
    similar: int,
    min_ratings: int,
    engine: str,
    settings: Path | None = None,
    rank: int | None,
    regularization: float | None,
    alpha: float | None,
    iterations: int | None,
    exclude_anomalous: bool = False,
    unvalidated: bool = False,
) -> None:
    """Split, train, weigh, measure; the model's folder appears when all of it is there."""
    given = read_tuned(settings).parts
    about = clean_dataset(run.paths)
    run.dataset_id, rated_on = about["dataset_id"], scale(about)
    gate.require(run, unvalidated)
    run.fact("scale", str(rated_on))
    relevant_from = rated_on.liked if relevant_from is None else relevant_from
    run.fact("holdout", {"share": holdout_share, "seed": seed, "relevant_from": relevant_from, "k": K})
    excluded = fake_users(run.paths, run.dataset_id) if exclude_anomalous else []
    split = own_holdout.split(spark, run, holdout_share, seed, excluded)
    typed = {"rank": rank, "regularization": regularization, "alpha": alpha, "iterations": iterations}
    chosen = _settings(run).with_parts(given).with_parts({"ranking": typed})
    if model == "als":
        chosen = replace(chosen, blend=Blend(0.0, 0.0))

    for killed in folders.abandoned(run.paths.models):
        folders.discard(killed)
        shutil.rmtree(run.paths.checkpoints / killed.name, ignore_errors=True)
    final = run.paths.model(run.run_id)
    with folders.attempt(final) as folder, scratch(run.paths.checkpoints / run.run_id) as work:
        items = as_items(split.training)  # one frame, whose blocks all models share
        training.train(run, items, engine_for(engine, work), chosen, Wanted(head, min_ratings, similar, seed), folder)
        trained = _about(run, model, chosen)
        if model == "blend" and "blend" not in given:
            with run.step("weigh the models") as step:
                step.rows = run.counts["ratings.training"]
                found = own_holdout.weigh(saved.SavedModel(folder, trained), split, chosen, relevant_from, head, seed)
                chosen = replace(chosen, blend=found.blend) if found else chosen
                run.fact("weights", asdict(found) if found else None)
        trained = _about(run, model, chosen)
        with run.step("measure on the hold-out") as step:
            step.rows = run.counts["ratings.held_out"]
            own_holdout.measure(spark, run, saved.SavedModel(folder, trained), split, relevant_from)
        write_json(folder / saved.ABOUT, {**trained, "metrics": run.metrics})
        folders.complete(final)
    _say(run, model)


def _settings(run: Run) -> ModelSettings:
    """Defaults by what the data are like, the hold-out included: evaluate takes the same."""
    ratings = run.counts["ratings.training"] + run.counts["ratings.held_out"]
    return defaults_for(ratings, run.counts["users"])


def _about(run: Run, model: str, settings: ModelSettings) -> dict[str, Any]:
    run.fact("model", model)
    run.fact("settings", settings.as_parts())
    return {"run_id": run.run_id, "dataset_id": run.dataset_id, **run.facts}


def _say(run: Run, model: str) -> None:
    run.say(f"learned from {run.counts['ratings.training']:,} ratings, measured on {run.counts['ratings.held_out']:,}")
    names = dict.fromkeys((model, "als", "popular"))
    lists = ", ".join(f"{name} {_figure(run, f'ndcg@{K}.{name}')}" for name in names)
    stars = (_figure(run, f"rmse.{name}") for name in ("published", "als", "bias_only"))
    run.say("ndcg@{}: {}; rmse: {}, als alone {}, biases only {}".format(K, lists, *stars))
    run.say(f"model: {run.paths.model(run.run_id)}")


def _figure(run: Run, name: str) -> str:
    return f"{run.metrics[name]:.4f}" if name in run.metrics else "not measured"


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
