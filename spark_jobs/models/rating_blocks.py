"""Ratings as arrays on disk: blocks of users and blocks of items, in a folder that all executors see.

A block has the ratings of some of a side's rows, in compressed sparse rows (see `domain.models.least_squares`), one
NumPy file an array, to be mapped into memory. The number of blocks follows the data and never the cluster, and their
order of ratings is fixed, so that what is computed from them does not depend on how the ratings lay before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.models.least_squares import Floats

RATINGS_PER_BLOCK = 1_000_000  # a tenth of a second at rank 64, several times what a task costs
COLUMNS = {"user_id": "int", "item_id": "int", "rating": "float"}
RATING = np.dtype([("row", np.int32), ("column", np.int32), ("rating", np.float32)])


@dataclass(frozen=True)
class Side:
    """The users, or the items: their ids in the order of their rows, and the rows at which blocks begin and end."""

    column: str
    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]

    @property
    def blocks(self) -> range:
        """The numbers of the blocks."""
        return range(len(self.bounds) - 1)


@dataclass(frozen=True)
class Block:
    """Ratings of the rows of one block, in compressed sparse rows: see `solve_rows`."""

    offsets: NDArray[np.int64]
    columns: NDArray[np.int32]
    ratings: Floats


def write_blocks(ratings: DataFrame, folder: Path) -> tuple[Side, Side]:
    """The sides of users and of items, whose blocks now lie in `folder`.

    `ratings` has user_id, item_id, rating. Each partition cuts its ratings into pieces by block, then each
    block joins its pieces: files, as a shuffle would take the rows through the JVM twice more for each side.
    """
    users, items = _side(ratings, "user_id"), _side(ratings, "item_id")

    def cut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if not (rated := list(batches)):
            return
        user_ids, item_ids, values = (column.to_numpy() for column in pa.Table.from_batches(rated).columns)
        of_users, of_items = np.searchsorted(users.ids, user_ids), np.searchsorted(items.ids, item_ids)
        partition = TaskContext.get().partitionId()  # type: ignore[union-attr]
        _write_pieces(folder, users, partition, of_users, of_items, values)
        _write_pieces(folder, items, partition, of_items, of_users, values)
        yield pa.RecordBatch.from_pydict({"ratings": [len(user_ids)]})

    typed = ratings.select(*(F.col(name).cast(kind) for name, kind in COLUMNS.items()))
    typed.mapInArrow(cut, "ratings bigint").collect()
    blocks = [
        (side.column, block, *side.bounds[[block, block + 1]]) for side in (users, items) for block in side.blocks
    ]
    joins = ratings.sparkSession.sparkContext.parallelize(blocks, len(blocks))
    joins.foreach(lambda block: _join_pieces(folder, *block))
    shutil.rmtree(folder / "pieces")
    return users, items


def read_block(folder: Path, column: str, block: int) -> Block:
    """A block of the side of that column, mapped into memory."""
    files = {name: _block(folder, column, block) / f"{name}.npy" for name in Block.__dataclass_fields__}
    return Block(**{name: np.load(path, mmap_mode="r") for name, path in files.items()})


def save(path: Path, array: NDArray[Any]) -> None:
    """Write a file that appears whole, in a folder that may be missing: a task may be run twice at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    with staged.open("wb") as file:
        np.save(file, array)
    staged.replace(path)


def _side(ratings: DataFrame, column: str) -> Side:
    """Ids in rising order, cut where blocks get about the same number of ratings."""
    counted: pd.DataFrame = ratings.groupBy(column).count().orderBy(column).toPandas()
    total = np.cumsum(counted["count"].to_numpy())
    blocks = 1 + int(total[-1]) // RATINGS_PER_BLOCK
    cuts = np.searchsorted(total, np.arange(1, blocks) * total[-1] / blocks) + 1
    bounds = np.unique(np.concatenate([[0], np.minimum(cuts, len(total)), [len(total)]]))
    return Side(column, counted[column].to_numpy(np.int32), bounds)


def _write_pieces(folder: Path, side: Side, partition: int, *columns: NDArray[Any]) -> None:
    """A file for each block of the side that has ratings of this partition; `columns` are those of RATING."""
    blocks = (np.searchsorted(side.bounds, columns[0], side="right") - 1).astype(np.uint16)
    order = np.argsort(blocks, kind="stable")  # by radix, as there are 16 bits
    ratings = np.empty(len(order), RATING)
    for name, column in zip(RATING.names or (), columns, strict=True):
        ratings[name] = column[order]
    ends = np.searchsorted(blocks[order], side.blocks, side="right")
    for block, piece in zip(side.blocks, np.split(ratings, ends[:-1]), strict=True):
        if len(piece):
            save(_pieces(folder, side.column, block) / f"{partition:05}.npy", piece)


def _join_pieces(folder: Path, column: str, block: int, first: int, end: int) -> None:
    ratings = np.concatenate([np.load(path) for path in _pieces(folder, column, block).glob("[0-9]*.npy")])
    place = ratings["row"].astype(np.int64) << 32 | ratings["column"]
    ratings = ratings[np.argsort(place)]  # several times as quick as lexsort, which cannot use the processor's vectors
    offsets = np.searchsorted(ratings["row"], np.arange(first, end + 1)).astype(np.int64)
    arrays = {"offsets": offsets, "columns": ratings["column"], "ratings": ratings["rating"]}
    for name, values in arrays.items():
        save(_block(folder, column, block) / f"{name}.npy", np.ascontiguousarray(values))


def _pieces(folder: Path, column: str, block: int) -> Path:
    return folder / "pieces" / column / f"{block:05}"


def _block(folder: Path, column: str, block: int) -> Path:
    return folder / column / f"{block:05}"
