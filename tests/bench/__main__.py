"""Ours beside the usual way, in one run: how many times as much the usual way costs (`make bench`).

Runs on the cluster that is up, with what it has cleaned and published. Figures belong into docs/results, with the
command.

Example: python -m tests.bench --parts training,lists --turns 3
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from pyspark.sql import SparkSession

from cluster.errors import ClusterError, exit_with_message
from cluster.fetch.jars import spark_home
from cluster.settings import Settings
from spark_jobs.models.transforms.topn import as_items
from spark_jobs.storage.paths import Paths
from tests.bench import lists, path, quality, serving, storing, training
from tests.bench.side_by_side import HEAD, Comparison

PARTS = ("training", "lists", "storing", "serving", "quality", "path")


def main() -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args()
    if "serving" in options.parts:  # it needs no Spark, which would disturb it
        serving.bench([serving.HERE], options.turns)
    if parts := [part for part in options.parts if part != "serving"]:
        _bench_jobs(parts, options)
    return 0


def _bench_jobs(parts: Iterable[str], options: argparse.Namespace) -> None:
    settings = Settings.from_env()
    conf = settings.run_dir / "conf"
    if not conf.is_dir():
        raise ClusterError("No cluster was started here natively: run `RUNTIME=native make preprocess` first.")
    os.environ |= settings.child_environ() | {"SPARK_HOME": str(spark_home()), "SPARK_CONF_DIR": str(conf)}
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    spark = SparkSession.builder.appName("bench").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.setCheckpointDir(str(settings.run_dir / "spark" / "tmp" / "bench"))
    try:
        print(HEAD, flush=True)
        for part in parts:
            for found in _run(part, spark, settings.data_dir / "clean" / "ratings", options):
                print(found.line(), flush=True)
    finally:
        spark.stop()


def _run(part: str, spark: SparkSession, stored: Path, options: argparse.Namespace) -> Iterable[Comparison]:
    ratings = spark.read.parquet(str(stored))
    three = ratings.select("user_id", "movie_id", "rating")
    match part:
        case "training":
            return training.bench(as_items(three).cache(), options.turns, spark.sparkContext.defaultParallelism)
        case "lists":
            return lists.bench(three, Paths(stored.parents[1]), options.turns, options.share)
        case "path":
            return path.bench(ratings, options.turns, options.share)
        case "quality":
            return quality.bench(spark, stored.parent, options.turns)
        case _:
            return storing.bench(ratings, options.turns)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--parts", type=_parts, default=PARTS, help=f"some of {','.join(PARTS)} (default: all)")
    parser.add_argument("--turns", type=int, default=3, help="of each comparison (default: 3)")
    parser.add_argument("--share", type=float, default=1.0, help="of the users, for lists and path (default: 1)")
    return parser


def _parts(text: str) -> list[str]:
    if unknown := set(text.split(",")) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not one of {', '.join(PARTS)}")
    return text.split(",")


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
