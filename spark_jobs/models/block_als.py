"""Alternating least squares without a shuffle in its loop.

Ratings are cut once into blocks of users and blocks of items (rating_blocks.py), for the model that ranks and the one
that predicts stars. From then on an iteration is two waves of tasks: each task maps its block into memory (it stays in
the page cache), weighs its ratings, reads all factors of the other side, solves its rows in compiled code
(domain/models/least_squares.py), and writes their factors to a new file. Nothing is shuffled, broadcast or collected.

Sums are taken in a fixed order: the same ratings and seed give the same factors to the last bit, on any number of
workers of one kind of machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession

from domain.models.least_squares import STEPS, Floats, gramian, random_start, solve_rows
from domain.models.settings import Settings, preference
from spark_jobs.models.rating_blocks import Block, Side, read_block, save, write_blocks
from spark_jobs.models.transforms.biases import Biases
from spark_jobs.models.transforms.mllib import Factors

FACTORS, GRAMIAN = ".factors.npy", ".gramian.npy"  # how the files of a block end


class BlockALS:
    """Fits models in `folder`, which must stay until their factors have been read.

    Its methods take frames of ratings (user_id, item_id, rating); what is fitted to the same frame in turn shares its
    blocks.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.blocks_of = lru_cache(maxsize=1)(self._cut)  # frames are told apart by identity

    def implicit(self, ratings: DataFrame, settings: Settings, seed: int) -> Factors:
        """Factors that rank items, with the objective of `mllib.fit_implicit`; ratings are in stars."""
        return self.blocks_of(ratings).fit(Preference(settings.alpha), settings, seed)

    def explicit(self, ratings: DataFrame, biases: Biases, settings: Settings, seed: int) -> Factors:
        """Factors whose product predicts what is left of ratings without the biases, as `mllib.fit_explicit`."""
        blocks = self.blocks_of(ratings)
        return blocks.fit(blocks.without(biases), settings, seed)

    def _cut(self, ratings: DataFrame) -> Blocks:
        folder = self._folder / uuid4().hex
        return Blocks(ratings.sparkSession, folder, *write_blocks(ratings, folder))


class Weights(Protocol):
    """Weights that make a least-squares problem of a block's ratings: see domain/models/least_squares.py."""

    @property
    def unobserved(self) -> float:
        """The weight of what was not rated."""

    def __call__(self, block: Block, column: str, first_row: int) -> tuple[Floats, Floats]:
        """`quadratic` and `linear` of the block's ratings; its rows are those of the side of `column`."""


@dataclass(frozen=True)
class Preference:
    """Weights of the model that ranks: `preference`."""

    alpha: float
    unobserved: float = 1.0

    def __call__(self, block: Block, column: str, first_row: int) -> tuple[Floats, Floats]:
        """See Weights."""
        return preference(block.ratings, self.alpha)


@dataclass(frozen=True)
class Residuals:
    """Weights of the model of stars: `residuals` of each rating; `biases` are files, by column, one value a row."""

    mean: float
    biases: dict[str, Path]
    unobserved: float = 0.0

    def __call__(self, block: Block, column: str, first_row: int) -> tuple[Floats, Floats]:
        """See Weights."""
        biases = {side: np.load(path, mmap_mode="r") for side, path in self.biases.items()}
        counts = np.diff(block.offsets)
        by_rating = {side: values[block.columns] for side, values in biases.items() if side != column}
        by_rating[column] = np.repeat(biases[column][first_row : first_row + len(counts)], counts)
        left = block.ratings.astype(np.float64) - self.mean - by_rating["user_id"] - by_rating["item_id"]
        return np.ones(len(left), np.float32), left.astype(np.float32)


@dataclass(frozen=True)
class Wave:
    """One half of an iteration: all rows of the side of `column`, given the factors of the other side."""

    folder: Path
    column: str
    others: Path
    before: Path
    after: Path

    def solve(self, block: tuple[int, int], regularization: float, weights: Weights) -> None:
        """The task of one block, given its number and its first row."""
        number, first_row = block
        own = read_block(self.folder, self.column, number)
        others, squares = gathered(self.others)
        start = self.before / f"{number:05}{FACTORS}"
        rows = np.load(start) if start.exists() else np.zeros((len(own.offsets) - 1, others.shape[1]), np.float32)
        penalty = (regularization * np.diff(own.offsets)).astype(np.float32)
        weighted = (weights.unobserved * squares).astype(np.float32)
        quadratic, linear = weights(own, self.column, first_row)
        solve_rows(own.offsets, own.columns, quadratic, linear, others, weighted, penalty, rows, STEPS)
        _save_factors(self.after, number, rows)


@dataclass(frozen=True)
class Blocks:
    """The ratings as blocks of both sides, which lie in `folder`."""

    spark: SparkSession
    folder: Path
    users: Side
    items: Side

    def without(self, biases: Biases) -> Residuals:
        """The weights for what biases leave; they must have each user and item."""
        files = {}
        for side, frame in ((self.users, biases.users), (self.items, biases.items)):
            values: pd.DataFrame = frame.orderBy(side.column).toPandas()
            if not np.array_equal(values[side.column], side.ids):
                raise ValueError(f"biases of {len(values)} {side.column}s for blocks of {len(side.ids)}")
            files[side.column] = self.folder / f"{side.column}-{uuid4().hex}.npy"
            save(files[side.column], values.iloc[:, 1].to_numpy(np.float64))
        return Residuals(biases.mean, files)

    def fit(self, weights: Weights, settings: Settings, seed: int) -> Factors:
        """Factors after `settings.iterations`, from a random start."""
        work = self.folder / uuid4().hex  # never one that `gathered` has seen
        _save_start(self.items, settings.rank, seed, _factors(work, self.items, 0))
        for version in range(1, settings.iterations + 1):
            for side, others in (
                (self.users, _factors(work, self.items, version - 1)),
                (self.items, _factors(work, self.users, version)),
            ):
                before, after = (_factors(work, side, number) for number in (version - 1, version))
                wave = Wave(self.folder, side.column, others, before, after)
                solve = partial(wave.solve, regularization=settings.regularization, weights=weights)
                blocks = [(number, int(side.bounds[number])) for number in side.blocks]
                self.spark.sparkContext.parallelize(blocks, len(blocks)).foreach(solve)
                shutil.rmtree(before, ignore_errors=True)  # users have none before the first
        of_users, of_items = (
            _frame(self.spark, side, _factors(work, side, settings.iterations)) for side in (self.users, self.items)
        )
        return Factors(of_users, of_items)


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
    """The folder of a side's factors after so many iterations; the names of the blocks' files sort as rows do."""
    return folder / f"{side.column}-factors" / str(version)


def _frame(spark: SparkSession, side: Side, factors: Path) -> DataFrame:
    """The factors as rows of id and factors."""

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in (number for batch in batches for number in batch["id"].to_pylist()):
            values = np.load(factors / f"{block:05}{FACTORS}")
            lists = pa.ListArray.from_arrays(
                np.arange(len(values) + 1, dtype=np.int32) * values.shape[1], values.ravel()
            )
            ids = side.ids[side.bounds[block] : side.bounds[block + 1]]
            yield pa.RecordBatch.from_arrays([pa.array(ids), lists], ["id", "factors"])

    blocks = spark.range(0, len(side.blocks), 1, len(side.blocks))
    return blocks.mapInArrow(rows, "id int, factors array<float>")
