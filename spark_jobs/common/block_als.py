"""Alternating least squares without a shuffle in its loop.

Ratings are cut once into blocks of users and blocks of movies (rating_blocks.py). From then on an iteration is two
waves of tasks: each task maps its block into memory (it stays in the page cache), reads all factors of the other side,
solves its rows in compiled code (domain/least_squares.py), and writes their factors to a new file. Nothing is
shuffled, broadcast or collected.

Sums are taken in a fixed order: the same ratings and seed give the same factors to the last bit, on any number of
workers of one kind of machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.least_squares import STEPS, Floats, gramian, random_start, solve_rows
from spark_jobs.common.rating_blocks import Side, read_block, save, write_blocks
from spark_jobs.transforms.als import Factors, Settings, evidence

FACTORS, GRAMIAN = ".factors.npy", ".gramian.npy"  # how the files of a block end


def fit_implicit(ratings: DataFrame, settings: Settings, seed: int, folder: Path) -> Factors:
    """Factors that rank movies, with the objective of `als.fit_implicit`; read them before `folder` goes."""
    confidence = F.lit(settings.alpha) * evidence(F.col("rating"))
    weighted = ratings.select("user_id", "movie_id", confidence.alias("quadratic"), (confidence + 1).alias("linear"))
    return _fit(weighted, settings, seed, folder, unobserved=1.0)


def fit_explicit(residuals: DataFrame, settings: Settings, seed: int, folder: Path) -> Factors:
    """Factors whose product predicts `rating`, as `als.fit_explicit`; read them before `folder` goes."""
    weighted = residuals.select("user_id", "movie_id", F.lit(1.0).alias("quadratic"), F.col("rating").alias("linear"))
    return _fit(weighted, settings, seed, folder, unobserved=0.0)


@dataclass(frozen=True)
class Wave:
    """One half of an iteration: all rows of the side of `column`, given the factors of the other side."""

    folder: Path
    column: str
    others: Path
    before: Path
    after: Path

    def solve(self, block: int, regularization: float, unobserved: float) -> None:
        """The task of one block."""
        own = read_block(self.folder, self.column, block)
        known, squares = gathered(self.others)
        start = self.before / f"{block:05}{FACTORS}"
        rows = np.load(start) if start.exists() else np.zeros((len(own.offsets) - 1, known.shape[1]), np.float32)
        penalty = (regularization * np.diff(own.offsets)).astype(np.float32)
        weighted = (unobserved * squares).astype(np.float32)
        solve_rows(own.offsets, own.columns, own.quadratic, own.linear, known, weighted, penalty, rows, STEPS)
        _save_factors(self.after, block, rows)


def _fit(weighted: DataFrame, settings: Settings, seed: int, folder: Path, unobserved: float) -> Factors:
    spark, folder = weighted.sparkSession, folder / uuid4().hex  # never one that `gathered` has seen
    users, movies = write_blocks(weighted, folder)
    _save_start(movies, settings.rank, seed, _factors(folder, movies, 0))
    for version in range(1, settings.iterations + 1):
        for side, others in (
            (users, _factors(folder, movies, version - 1)),
            (movies, _factors(folder, users, version)),
        ):
            wave = Wave(
                folder, side.column, others, _factors(folder, side, version - 1), _factors(folder, side, version)
            )
            solve = partial(wave.solve, regularization=settings.regularization, unobserved=unobserved)
            spark.sparkContext.parallelize(side.blocks, len(side.blocks)).foreach(solve)
            shutil.rmtree(wave.before, ignore_errors=True)  # users have none before the first
    return Factors(*(_frame(spark, side, _factors(folder, side, settings.iterations)) for side in (users, movies)))


def _save_start(side: Side, rank: int, seed: int, folder: Path) -> None:
    """The factors that the first iteration begins from."""
    start = random_start(len(side.ids), rank, seed)
    for block in side.blocks:
        _save_factors(folder, block, start[side.bounds[block] : side.bounds[block + 1]])


@lru_cache(maxsize=1)
def gathered(folder: Path) -> tuple[Floats, NDArray[np.float64]]:
    """All factors of a side, m x rank, and their Gramian; kept by the process, as all its tasks of a wave need them."""
    rows = np.concatenate([np.load(path, mmap_mode="r") for path in sorted(folder.glob(f"[0-9]*{FACTORS}"))])
    return rows, np.sum([np.load(path) for path in sorted(folder.glob(f"[0-9]*{GRAMIAN}"))], axis=0)


def _save_factors(folder: Path, block: int, rows: Floats) -> None:
    """A block's factors, and its share of the Gramian, which else each process of the next wave had to compute."""
    save(folder / f"{block:05}{GRAMIAN}", gramian(rows))
    save(folder / f"{block:05}{FACTORS}", rows)


def _factors(folder: Path, side: Side, version: int) -> Path:
    """Where the factors of a side lie after so many iterations; the names of the blocks' files sort as rows do."""
    return folder / f"{side.column}-factors" / str(version)


def _frame(spark: SparkSession, side: Side, factors: Path) -> DataFrame:
    """The factors as rows of id and factors."""

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in (number for batch in batches for number in batch["id"].to_pylist()):
            found = np.load(factors / f"{block:05}{FACTORS}")
            lists = pa.ListArray.from_arrays(np.arange(len(found) + 1, dtype=np.int32) * found.shape[1], found.ravel())
            ids = side.ids[side.bounds[block] : side.bounds[block + 1]]
            yield pa.RecordBatch.from_arrays([pa.array(ids), lists], ["id", "factors"])

    blocks = spark.range(0, len(side.blocks), 1, len(side.blocks))
    return blocks.mapInArrow(rows, "id int, factors array<float>")
