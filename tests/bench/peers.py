"""Our lists beside those of RecTools (EASE, and `implicit`'s ALS) on one split: nDCG@10, and seconds to fit and list.

Prints Markdown. The split is evaluate's: 75/25 by movie, every held-out rating relevant. RecTools is installed into a
virtual environment under its own name in the system's temporary folder, and kept there. Settings are our defaults for
the data: the same λ of EASE for both; of `implicit`, which knows no λ by frequency, λ times the mean number of ratings.

Example: python -m tests.bench.peers ../shared/data/ml-latest-small
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from domain.contract.movielens import SCALE
from domain.evaluation.ranking import MEASURES
from domain.models.settings import defaults_for
from spark_jobs.evaluation import comparison
from spark_jobs.evaluation.comparison import Comparison
from spark_jobs.evaluation.driver_models import DriverModels
from spark_jobs.evaluation.transforms.splits import random_split
from spark_jobs.models.engines import engine_for
from spark_jobs.movielens.rating_files import read_ratings
from tests.bench.side_by_side import seconds

LARGEST = 20_000  # movies that the blend knows by EASE

HERE = Path(__file__).parent
K, SHARE, SEED = 10, 0.25, 42


def peer_python() -> Path:
    """The interpreter that has RecTools."""
    home = Path(tempfile.gettempdir()) / "recommender-bench-rectools"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        requirements = HERE / "requirements-rectools.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return python


def theirs(prepared: Comparison, models: DriverModels) -> dict[str, tuple[comparison.Lists, float]]:
    """Lists and seconds of each model of the peer."""
    training, users = models.training, prepared.truth.users
    ranking = models.settings.ranking
    given = {
        "ease": models.settings.ease.regularization,
        "als": {
            "factors": ranking.rank,
            "regularization": ranking.regularization * len(training.stars) / len(np.unique(training.users)),
            "alpha": ranking.alpha,
            "iterations": ranking.iterations,
        },
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = pd.DataFrame({"user_id": training.users, "item_id": training.movies, "stars": training.stars})
        table.to_csv(folder / "training.csv", index=False)
        pd.DataFrame({"user_id": users}).to_csv(folder / "users.csv", index=False)
        command: list[Any] = [peer_python(), HERE / "rectools_lists.py", folder, str(K), json.dumps(given)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        took = json.loads(said.splitlines()[-1])
        return {model: (placed(prepared, pd.read_csv(folder / f"{model}.csv")), took[model]) for model in took}


def placed(prepared: Comparison, lists: pd.DataFrame) -> comparison.Lists:
    """The peer's lists (user_id, item_id, rank from 1) as a matrix of positions."""
    ordered = lists.sort_values(["user_id", "rank"])
    users, lengths = np.unique(ordered["user_id"].to_numpy(np.int32), return_counts=True)
    return prepared.truth.place(users, lengths, ordered["item_id"].to_numpy(np.int32), K)


def ours(models: DriverModels) -> dict[str, tuple[comparison.Lists, float]]:
    """Lists and seconds of each of our models that a peer has, and of the blend of both."""
    found: dict[str, tuple[comparison.Lists, float]] = {}
    for name in ("ease", "als", "blend"):
        fresh = DriverModels(models.comparison, models.settings, LARGEST, SEED)
        fresh.matrix  # noqa: B018  collected once by everyone, and not by the clock
        made: list[comparison.Lists] = []

        def work(name: str = name, fresh: DriverModels = fresh, made: list[comparison.Lists] = made) -> None:
            made.append(
                fresh.blend(fresh.settings.blend, K)
                if name == "blend"
                else fresh.lists([(getattr(fresh, name), 1.0)], K)
            )

        took = seconds(work)
        found[name] = made[0], took
    return found


def main(folder: Path) -> None:
    """A row for each model."""
    spark = SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", 4).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as work:
        ratings = read_ratings(spark, folder, SCALE, Path(work)).cache()
        split = random_split(ratings, "movie_id", SHARE, SEED)
        prepared = comparison.prepare(spark, split, 0.5, engine_for("blocks", Path(work)))
    settings = defaults_for(ratings.count(), ratings.select("user_id").distinct().count())
    models = DriverModels(prepared, settings, LARGEST, SEED)
    models.lists([(models.als, 1.0)], K)  # compiles
    print(f"| {folder.name} | nDCG@{K} | fit and lists, s |\n|---|---|---|")
    for who, found in (("ours", ours(models)), ("RecTools", theirs(prepared, models))):
        for name, (lists, took) in found.items():
            hits = prepared.truth.hits(lists)
            print(f"| {name}, {who} | {MEASURES['ndcg'](hits, prepared.truth.relevant, K).mean():.4f} | {took:.2f} |")
    spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
