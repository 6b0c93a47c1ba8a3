"""What train_als learns of a training part, written to the folder of the model: see saved.py for its parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame

from domain.models.item_models import regularized_inverse
from domain.models.settings import ModelSettings
from domain.models.sparse_ease import loudest
from spark_jobs.models import saved
from spark_jobs.models.co_ratings import co_ratings
from spark_jobs.models.engines import Engine, fit_biases
from spark_jobs.models.similar import content, similar_movies
from spark_jobs.models.transforms.biases import Biases, with_bias
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.record import Run


@dataclass(frozen=True)
class Wanted:
    """`head` is how many movies at most EASE knows; similar movies have `least` ratings, `n` are in a list."""

    head: int
    least: int
    n: int
    seed: int


def train(run: Run, items: DataFrame, engine: Engine, settings: ModelSettings, wanted: Wanted, folder: Path) -> None:
    """Learn all models from `items` (user_id, item_id, rating), and write them to `folder`.

    `engine` keeps its files until this is done.
    """
    _factors(run, items, engine, settings, wanted.seed, folder)
    biases = _stars(run, items, engine, settings, wanted.seed, folder)
    blocks = engine.blocks_of(items)
    with run.step(f"who rated both, of {min(wanted.head, len(blocks.items.ids)):,} movies") as step:
        found = co_ratings(blocks, biases, wanted.head)
        step.rows = len(found.head)
    with run.step("sparse EASE") as step:
        step.rows = len(found.head)
        inverse = regularized_inverse(found.counts, settings.ease.regularization)
        saved.write_head(folder, blocks.items.ids, found, loudest(inverse))
    with run.step("similar movies") as step:
        known = content(*(Source(run.paths.clean / name).read(items.sparkSession) for name in ("movies", "tags")))
        step.rows = len(known.ids)
        rows = similar_movies(blocks, found, inverse, known, wanted.least, wanted.n)
        rows.write.parquet(spark_path(folder / saved.SIMILAR))


def _factors(run: Run, items: DataFrame, engine: Engine, settings: ModelSettings, seed: int, folder: Path) -> None:
    als = settings.ranking
    with run.step(f"implicit ALS, rank {als.rank}, {als.iterations} iterations") as step:
        step.rows = run.counts["ratings.training"]
        factors = engine.implicit(items, als, seed)
        factors.users.write.parquet(str(folder / saved.USERS))
        factors.items.write.parquet(str(folder / saved.MOVIES))


def _stars(run: Run, items: DataFrame, engine: Engine, settings: ModelSettings, seed: int, folder: Path) -> Biases:
    als = settings.stars
    with run.step(f"biases and explicit ALS, rank {als.rank}, {als.iterations} iterations") as step:
        step.rows = run.counts["ratings.training"]
        biases = fit_biases(items)
        factors = engine.explicit(items, biases, als, seed)
        with_bias(factors.users, biases.users).write.parquet(str(folder / saved.STAR_USERS))
        with_bias(factors.items, biases.items).write.parquet(str(folder / saved.STAR_MOVIES))
        run.fact("mean_rating", biases.mean)
    return biases
