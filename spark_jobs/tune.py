"""Search for the settings that suit a data set, on a validation part of its training part alone.

The ratings are first split as evaluate splits them with the same flags and seed; what evaluate would test on is not
looked at again. The rest is split once more by the same protocol, and settings are tried on that: rank, λ, α and
iterations of implicit ALS, λ of EASE and the weights of the blend; rank, λ and iterations of explicit ALS, and
neighbours. Several trials run side by side, hopeless ones end early, and a stopped search is continued by the next run.

Reads: DATA_DIR/clean/ratings, or the ratings of the release whose folder --movielens names
Writes: DATA_DIR/tuning/<data>.json, for --settings of evaluate and train_als; DATA_DIR/tuning/<data>.journal: trials
Example: make job JOB=tune ARGS="--protocol random-by-item --trials 60"
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from domain.contract.files import write_json
from domain.models.settings import ModelSettings, defaults_for
from domain.tuning.trials import Bench
from spark_jobs.evaluation import protocols
from spark_jobs.evaluation.driver_models import collected
from spark_jobs.evaluation.gains import said
from spark_jobs.evaluation.protocols import PROTOCOLS, HoldOut
from spark_jobs.evaluation.transforms.splits import Split
from spark_jobs.evaluation.tuning import Tuning, as_file, file_name, report, seconds_from_now
from spark_jobs.models.transforms.topn import as_items
from spark_jobs.run import cli, flags
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.record import Run

TOLD = (*protocols.SPLIT_BY, "relevant_from", "k")  # of the flags, in the file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of tune."""
    protocols.add_arguments(parser)
    parser.add_argument("--seed", type=flags.whole, default=42, help="of splits, models and trials (default: 42)")
    parser.add_argument("--k", type=flags.positive, default=10, help="length of lists (default: 10)")
    parser.add_argument("--trials", type=flags.positive, default=40, help="of the ranking model (default: 40)")
    parser.add_argument("--timeout", type=flags.positive, default=3600, help="seconds, then no trial begins (3600)")
    parser.add_argument("--ease-up-to", type=flags.positive, default=20_000, help="movies (default: 20000, 5 GB)")


def main(
    spark: SparkSession,
    run: Run,
    *,
    movielens: Path | None,
    protocol: str,
    trials: int,
    timeout: int,
    ease_up_to: int,
    k: int,
    **hold_out: Any,
) -> None:
    """Read, hold out twice, search part by part, write the best settings."""
    by = HoldOut(**protocols.on_scale(run, movielens, hold_out))
    folder = run.paths.tuning
    with scratch(run.paths.checkpoints / run.run_id) as work:
        with run.step("read the ratings") as step:
            ratings = protocols.read(spark, run, movielens, by, work)
            step.rows = run.counts["ratings"]
        with run.step("split off test and validation parts") as step:
            split = validation_split(ratings, protocol, by)
            bench = _bench(split, by, k)
            step.rows = len(bench.training.stars) + len(bench.validation.stars)
        name = file_name(run.facts["data"])
        tuning = Tuning(
            spark,
            bench,
            as_items(split.training).cache(),
            work,
            folder / f"{name}.journal",
            trials,
            seconds_from_now(timeout),
            ease_up_to,
        )
        defaults = defaults_for(run.counts["ratings"], run.counts["users"])  # as evaluate has them
        settings, best = _search(run, tuning, defaults)
    about = {"data": run.facts["data"], "run_id": run.run_id, "protocol": protocol}
    flags_told = {name: k if name == "k" else getattr(by, name) for name in TOLD}
    told = {**about, **flags_told, "validation": best, "sizes": dict(run.counts)}
    write_json(folder / f"{name}.json", as_file(settings, told))
    run.fact("tuning", told)
    for line in said(defaults, settings, best):
        run.say(line)
    run.say(f"file: {folder / f'{name}.json'}, for --settings of train_als and evaluate")


def validation_split(ratings: DataFrame, protocol: str, by: HoldOut) -> Split:
    """The training part of evaluate's (first) split, split again by the same protocol with the next seed."""
    training = PROTOCOLS[protocol](ratings, by)[0].training
    return PROTOCOLS[protocol](training, replace(by, seed=by.seed + 1))[0]


def _bench(split: Split, by: HoldOut, k: int) -> Bench:
    history = None if split.history is split.training else collected(split.history)
    parts = collected(split.training), history, collected(split.held_out)
    bench = Bench(*parts, by.relevant_from, k, by.seed)
    if not len(bench.training.stars) or not (bench.validation.stars >= by.relevant_from).any():
        raise JobError("Nothing to learn from or to measure on is left: lower --relevant-from or --test-share.")
    return bench


def _search(run: Run, tuning: Tuning, defaults: ModelSettings) -> tuple[ModelSettings, dict[str, dict[str, Any]]]:
    """Implicit ALS, EASE and explicit ALS first; then, beside what was found, neighbours and the weight of EASE."""
    matrix = tuning.bench.matrix
    run.count("ratings.training", matrix.stars.nnz)
    run.count("ratings.validation", len(tuning.bench.validation.stars))
    settings = defaults
    matrices = len(matrix.movies) <= tuning.largest
    first = ["ranking", "stars", *(["ease"] if matrices else [])]
    second = ["neighbours"] if matrices and tuning.small else []
    for parts in (first, second):
        with run.step(f"search {', '.join(parts) or 'no neighbours'}"):
            settings = tuning.tune(parts, settings)
    best = report(tuning, [*first, *second], settings, defaults)
    if matrices:
        with run.step("weigh the models"):
            blend, figures = tuning.weigh(settings, defaults)
        settings = replace(settings, blend=blend)
        best["blend"] = {"measure": f"ndcg@{tuning.bench.k}", **figures}
    for part, figures in best.items():
        if figures["best"] is not None:
            run.metric(f"{figures['measure']}.{part}.validation", figures["best"])
    return settings, best


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
