"""Protocols of evaluation by name, and the flags and steps by which jobs read ratings and hold a part of them out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.movielens import SCALE, Scale
from spark_jobs.evaluation.transforms import splits
from spark_jobs.evaluation.transforms.splits import Split
from spark_jobs.movielens.rating_files import read_clean, read_ratings
from spark_jobs.run import flags
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Run

SPLIT_BY = ("test_share", "folds", "user_share", "keep_from", "seed")  # the flags that decide what is held out


@dataclass(frozen=True)
class HoldOut:
    """Flags of `add_arguments` and the seed: they decide which ratings are kept, held out and relevant."""

    test_share: float
    folds: int
    user_share: float
    scale: Scale
    relevant_from: float  # stars
    keep_from: float | None  # stars
    seed: int


PROTOCOLS: dict[str, Callable[[DataFrame, HoldOut], list[Split]]] = {
    "random-by-user": lambda all, by: [splits.random_split(all, "user_id", by.test_share, by.seed)],
    "random-by-item": lambda all, by: [splits.random_split(all, "movie_id", by.test_share, by.seed)],
    "k-fold": lambda all, by: splits.k_folds(all, by.folds, by.seed),
    "leave-last-out": lambda all, by: [splits.leave_last_out(all, by.seed)],
    "time": lambda all, by: [splits.time_split(all, by.test_share)],
    "held-out-users": lambda all, by: [splits.held_out_users(all, by.user_share, by.test_share, by.seed)],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that say which ratings are read and how they are split."""
    parser.add_argument("--movielens", type=flags.folder, help="folder of a release (default: the cleaned ratings)")
    parser.add_argument("--scale", type=flags.scale, metavar="LOW,HIGH[,STEP]", help="of its ratings (0.5,5,0.5)")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="random-by-user", help="(default: random-by-user)")
    parser.add_argument("--test-share", type=flags.inner_share, default=0.25, help="of the ratings (default: 0.25)")
    parser.add_argument("--folds", type=flags.several, default=5, help="of k-fold (default: 5)")
    parser.add_argument("--user-share", type=flags.inner_share, default=0.1, help="of held-out-users (default: 0.1)")
    parser.add_argument("--relevant-from", type=flags.stars, help="stars that make a hit (default: 4 of 5)")
    parser.add_argument("--keep-from", type=flags.stars, help="stars; lower ratings are left out (default: all stay)")


def differences(tuned: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Differences between the hold-out that settings were tuned with and the one here, as far as `tuned` says it."""
    names = [name for name in ("data", "protocol", *SPLIT_BY) if name in tuned]
    return [f"{name} {tuned[name]}, not {here[name]}" for name in names if tuned[name] != here[name]]


def on_scale(run: Run, movielens: Path | None, flags: dict[str, Any]) -> dict[str, Any]:
    """The flags with `scale`, by default that of the cleaned ratings or of MovieLens, and `relevant_from` on it.

    Raises:
        JobError: no ratings are cleaned, and no folder is named; or a threshold is not on the scale.
    """
    scale = flags["scale"] or (SCALE if movielens else datasets.scale(datasets.clean_dataset(run.paths)))
    for name in ("relevant_from", "keep_from"):
        if flags[name] is not None and not scale.lowest <= flags[name] <= scale.highest:
            flag = f"--{name.replace('_', '-')} {flags[name]:g}"
            raise JobError(f"{flag} is not on the scale, from {scale.lowest:g} to {scale.highest:g} stars.")
    relevant_from = scale.liked if flags["relevant_from"] is None else flags["relevant_from"]
    return {**flags, "scale": scale, "relevant_from": relevant_from}


def read(spark: SparkSession, run: Run, movielens: Path | None, by: HoldOut, work: Path) -> DataFrame:
    """The ratings of the folder, or the cleaned ones; their name and counts go into the run's record.

    `work` must stay as long as the ratings are used.

    Raises:
        JobError: there are none, or some line is bad.
    """
    if movielens is None:
        run.dataset_id = datasets.clean_dataset(run.paths)["dataset_id"]
        ratings, data = read_clean(spark, run.paths.clean / "ratings").cache(), run.dataset_id
    else:
        ratings, data = read_ratings(spark, movielens, by.scale, work), movielens.name
    kept = ratings if by.keep_from is None else ratings.where(F.col("rating") >= by.keep_from)
    run.fact("data", data)
    for name, frame in (("ratings", kept), ("users", kept.select("user_id")), ("movies", kept.select("movie_id"))):
        run.count(name, frame.count() if name == "ratings" else frame.distinct().count())
    if run.counts["ratings"] == 0:
        raise JobError(f"{movielens or run.paths.clean / 'ratings'}: no ratings to evaluate on. Name another folder.")
    return kept
