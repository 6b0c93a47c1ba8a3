"""Alternating least squares without a shuffle in its loop.

Ratings are cut once into blocks of users and blocks of movies, each a few NumPy files in a folder that all executors
see. From then on an iteration is two waves of tasks: each task maps its block and all factors of the other side into
memory (they stay in the page cache), solves its rows in compiled code (domain/least_squares.py), and writes their
factors to a new file. Nothing is shuffled, broadcast or collected.

The number of blocks follows the data and never the cluster, and sums are taken in a fixed order: the same ratings and
seed give the same factors to the last bit, on any number of workers of one kind of machine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.least_squares import STEPS, Floats, gramian, solve_rows
from spark_jobs.transforms.als import Factors, Settings, evidence

RATINGS_PER_BLOCK = 500_000  # a tenth of a second at rank 64, several times what a task costs
NUMBERED = "block int, row int, column int, quadratic float, linear float"  # row in its block, column of all
ARRAYS = ("offsets", "columns", "quadratic", "linear")  # of a block, see solve_rows


@dataclass(frozen=True)
class Side:
    """The users, or the movies: their ids in the order of their rows, and the rows at which blocks begin and end."""

    column: str
    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]

    @property
    def blocks(self) -> range:
        """The numbers of the blocks."""
        return range(len(self.bounds) - 1)


def fit_implicit(ratings: DataFrame, settings: Settings, seed: int, folder: Path) -> Factors:
    """Factors that rank movies, with the objective of `als.fit_implicit`; read them before `folder` goes."""
    confidence = F.lit(settings.alpha) * evidence(F.col("rating"))
    weighted = ratings.select("user_id", "movie_id", confidence.alias("quadratic"), (confidence + 1).alias("linear"))
    return _fit(weighted, settings, seed, folder, unobserved=1.0)


def fit_explicit(residuals: DataFrame, settings: Settings, seed: int, folder: Path) -> Factors:
    """Factors whose product predicts `rating`, as `als.fit_explicit`; read them before `folder` goes."""
    weighted = residuals.select("user_id", "movie_id", F.lit(1.0).alias("quadratic"), F.col("rating").alias("linear"))
    return _fit(weighted, settings, seed, folder, unobserved=0.0)


def _fit(weighted: DataFrame, settings: Settings, seed: int, folder: Path, unobserved: float) -> Factors:
    ratings = weighted.select("user_id", "movie_id", *(F.col(name).cast("float") for name in ("quadratic", "linear")))
    ratings = ratings.cache()  # read four times
    users, movies = _side(ratings, "user_id"), _side(ratings, "movie_id")
    for side, other in ((users, movies), (movies, users)):
        _write_blocks(ratings, side, other, folder / side.column)
    ratings.unpersist()
    _write_start(movies, settings.rank, seed, _factors(folder, movies, 0))
    for version in range(1, settings.iterations + 1):
        _solve(
            ratings.sparkSession, users, folder, version, _factors(folder, movies, version - 1), settings, unobserved
        )
        _solve(ratings.sparkSession, movies, folder, version, _factors(folder, users, version), settings, unobserved)
    spark, last = ratings.sparkSession, settings.iterations
    return Factors(*(_frame(spark, side, _factors(folder, side, last)) for side in (users, movies)))


def _side(ratings: DataFrame, column: str) -> Side:
    """Ids in rising order, cut where blocks get about the same number of ratings."""
    counted = ratings.groupBy(column).count().toPandas().sort_values(column)
    total = np.cumsum(counted["count"].to_numpy())
    blocks = 1 + int(total[-1]) // RATINGS_PER_BLOCK
    cuts = np.searchsorted(total, np.arange(1, blocks) * total[-1] / blocks) + 1
    bounds = np.unique(np.concatenate([[0], np.minimum(cuts, len(total)), [len(total)]]))
    return Side(column, counted[column].to_numpy(np.int32), bounds)


def _write_blocks(ratings: DataFrame, side: Side, other: Side, folder: Path) -> None:
    """Write the ratings of a side's rows, one folder a block: the one shuffle that there is."""

    def numbered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            row = np.searchsorted(side.ids, batch[side.column].to_numpy()).astype(np.int32)
            block = (np.searchsorted(side.bounds, row, side="right") - 1).astype(np.int32)
            column = np.searchsorted(other.ids, batch[other.column].to_numpy()).astype(np.int32)
            within = (row - side.bounds[block]).astype(np.int32)
            arrays = [pa.array(block), pa.array(within), pa.array(column), batch["quadratic"], batch["linear"]]
            yield pa.RecordBatch.from_arrays(arrays, ["block", "row", "column", "quadratic", "linear"])

    def written(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = pa.Table.from_batches(batches).to_pandas() if (batches := list(batches)) else None
        for block, of_block in rows.groupby("block") if rows is not None else ():
            count = int(side.bounds[block + 1] - side.bounds[block])
            _write_block(folder / f"block-{block:05}", count, of_block.sort_values(["row", "column"]))
        yield pa.RecordBatch.from_pydict({"block": pa.array([], pa.int32())})

    shuffled = ratings.mapInArrow(numbered, NUMBERED).repartition(len(side.blocks), "block")
    shuffled.mapInArrow(written, "block int").collect()


def _write_block(folder: Path, count: int, ratings: pd.DataFrame) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(ratings["row"], minlength=count))])
    values = (offsets.astype(np.int64), *(ratings[name].to_numpy() for name in ("column", "quadratic", "linear")))
    for name, array in zip(ARRAYS, values, strict=True):
        _save(folder / f"{name}.npy", array)


def _write_start(side: Side, rank: int, seed: int, folder: Path) -> None:
    """Random factors of about length 1."""
    folder.mkdir(parents=True)
    start = np.random.default_rng(seed).normal(scale=rank**-0.5, size=(len(side.ids), rank)).astype(np.float32)
    for block in side.blocks:
        _save(_file(folder, block), start[side.bounds[block] : side.bounds[block + 1]])


def _solve(
    spark: SparkSession, side: Side, folder: Path, version: int, others: Path, settings: Settings, unobserved: float
) -> None:
    """One wave: solve every row of a side, given the factors of the other one."""
    ratings, before, after = folder / side.column, _factors(folder, side, version - 1), _factors(folder, side, version)
    after.mkdir(parents=True)

    def solve(block: int) -> None:
        offsets, *arrays = (np.load(ratings / f"block-{block:05}" / f"{name}.npy", mmap_mode="r") for name in ARRAYS)
        known = mapped(others)
        regularization = (settings.regularization * np.diff(offsets)).astype(np.float32)
        squares = (unobserved * gramian(known)).astype(np.float32)
        start = _file(before, block)
        rows = np.load(start) if start.exists() else np.zeros((len(offsets) - 1, known.shape[1]), np.float32)
        solve_rows(offsets, *arrays, known, squares, regularization, rows, STEPS)
        _save(_file(after, block), rows)

    spark.sparkContext.parallelize(side.blocks, len(side.blocks)).foreach(solve)
    shutil.rmtree(before, ignore_errors=True)  # users have none before the first


@lru_cache(maxsize=1)
def mapped(folder: Path) -> Floats:
    """All factors of a side, m x rank; kept by the process, as its tasks of one wave all need them."""
    return np.concatenate([np.load(path, mmap_mode="r") for path in sorted(folder.glob("*.npy"))])


def _factors(folder: Path, side: Side, version: int) -> Path:
    """Where the factors of a side lie after so many iterations, one file a block."""
    return folder / f"{side.column}-factors" / str(version)


def _file(factors: Path, block: int) -> Path:
    return factors / f"{block:05}.npy"  # so that names sort as rows do


def _save(path: Path, array: NDArray[Any]) -> None:
    """Write a file that appears whole: a task may be run twice at once."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    with staged.open("wb") as file:
        np.save(file, array)
    staged.replace(path)


def _frame(spark: SparkSession, side: Side, factors: Path) -> DataFrame:
    """The factors as rows of id and factors."""

    def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in (number for batch in batches for number in batch["id"].to_pylist()):
            found = np.load(_file(factors, block))
            lists = pa.ListArray.from_arrays(np.arange(len(found) + 1, dtype=np.int32) * found.shape[1], found.ravel())
            ids = side.ids[side.bounds[block] : side.bounds[block + 1]]
            yield pa.RecordBatch.from_arrays([pa.array(ids), lists], ["id", "factors"])

    blocks = spark.range(0, len(side.blocks), 1, len(side.blocks))
    return blocks.mapInArrow(rows, "id int, factors array<float>")
