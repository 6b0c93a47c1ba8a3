"""What train_als learns of a training part, written to the folder of the model: see saved.py for its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame

from domain.models.item_models import regularized_inverse
from domain.models.settings import ModelSettings
from domain.models.sparse_ease import SparseRows, loudest
from spark_jobs.models import saved
from spark_jobs.models.block_als import BlockALS, Blocks
from spark_jobs.models.co_ratings import CoRatings, co_ratings
from spark_jobs.models.engines import Engine, fit_biases
from spark_jobs.models.transforms.biases import Biases, with_bias
from spark_jobs.storage.record import Run


def train(run: Run, items: DataFrame, engine: Engine, settings: ModelSettings, head: int, seed: int, folder: Path) -> None:
    """Learn all models from `items` (user_id, item_id, rating), and write them to `folder`.

    `head` is how many movies at most EASE and the neighbours know; `engine` keeps its files until this is done.
    """
    _factors(run, items, engine, settings, seed, folder)
    biases = _stars(run, items, engine, settings, seed, folder)
    blocks = engine.blocks_of(items)
    with run.step(f"who rated both, up to {head:,} movies") as step:
        found = co_ratings(blocks, biases, head)
        step.rows = len(found.head)
    with run.step(f"sparse EASE, {len(found.head):,} movies") as step:
        step.rows = len(found.head)
        _ease(blocks, found, settings, folder)


def _factors(
    run: Run, items: DataFrame, engine: Engine, settings: ModelSettings, seed: int, folder: Path
) -> None:
    als = settings.ranking
    with run.step(f"implicit ALS, rank {als.rank}, {als.iterations} iterations") as step:
        step.rows = run.counts["ratings.training"]
        factors = engine.implicit(items, als, seed)
        factors.users.write.parquet(str(folder / saved.USERS))
        factors.items.write.parquet(str(folder / saved.MOVIES))


def _stars(
    run: Run, items: DataFrame, engine: Engine, settings: ModelSettings, seed: int, folder: Path
) -> Biases:
    als = settings.stars
    with run.step(f"biases and explicit ALS, rank {als.rank}, {als.iterations} iterations") as step:
        step.rows = run.counts["ratings.training"]
        biases = fit_biases(items)
        factors = engine.explicit(items, biases, als, seed)
        with_bias(factors.users, biases.users).write.parquet(str(folder / saved.STAR_USERS))
        with_bias(factors.items, biases.items).write.parquet(str(folder / saved.STAR_MOVIES))
        run.fact("mean_rating", biases.mean)
    return biases


def _ease(blocks: Blocks, found: CoRatings, settings: ModelSettings, folder: Path) -> None:
    """EASE's rows; of ALS alone there is a head all the same, whose neighbours predict stars."""
    inverse = regularized_inverse(found.counts, settings.ease.regularization)
    saved.write_head(folder, blocks.items.ids, found, loudest(inverse))
