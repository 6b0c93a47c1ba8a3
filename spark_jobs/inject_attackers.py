"""Put labelled attackers, who push movies with made-up profiles, into a copy of a MovieLens folder.

Reads: the folder --into, by default the data set of $SIZE
Writes: OUT: a copy of that folder, the attackers' ratings at the end of OUT/ratings.csv, the truth about them in
    OUT/truth/fake_profiles.csv; OUT appears whole.
Example: make job JOB=inject_attackers ARGS="--attack aop --attack-size 0.1 --filler-size 0.1 --targets 20"
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from domain.contract.files import plain_path
from domain.contract.generated import mark
from domain.fakes.attacks import Attack
from spark_jobs.generators.attackers import Plan, inject
from spark_jobs.generators.output import replacing
from spark_jobs.run import cli, flags
from spark_jobs.storage.paths import RAW_NAMES
from spark_jobs.storage.record import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the job."""
    kinds = [str(kind) for kind in Attack]
    parser.add_argument("--attack", choices=kinds, required=True, help="how the attackers choose and rate movies")
    parser.add_argument(
        "--into", type=flags.folder, metavar="DIR", help="MovieLens folder (default: DATA_DIR/raw/NAME of $SIZE)"
    )
    parser.add_argument(
        "--attack-size", type=flags.minority, default=0.05, help="attackers for each genuine user (default: 0.05)"
    )
    parser.add_argument("--filler-size", type=flags.minority, default=0.03, help="of the rated movies (default: 0.03)")
    parser.add_argument("--targets", type=flags.positive, default=1, help="movies that all attackers push (default: 1)")
    parser.add_argument("--seed", type=flags.positive, default=42, help="the same seed, the same bytes (default: 42)")
    parser.add_argument(
        "--out", type=flags.folder, help="folder to make anew (default: DATA_DIR/raw/NAME-ATTACK of --into)"
    )


def main(spark: SparkSession, run: Run, *, attack: str, into: Path | None, out: Path | None, **sizes: Any) -> None:
    """Copy the folder, add the attackers, and publish the copy."""
    source = plain_path(into or run.paths.raw(RAW_NAMES[os.environ.get("SIZE") or "s"]))
    with replacing(out or run.paths.raw(f"{source.name}-{attack}"), "sample", "truth") as staged:
        inject(spark, run, source, staged, Plan(Attack(attack), **sizes))
        mark(staged, run.job)
    made = f"{run.counts['users.fake']:,} attackers with {run.counts['ratings.fake']:,} ratings"
    run.say(f"added: {made} to {run.counts['users.genuine']:,} users with {run.counts['ratings.genuine']:,}")


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
