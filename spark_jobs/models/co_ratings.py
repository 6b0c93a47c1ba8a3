"""Who rated both of two movies: the matrix that sparse EASE inverts, from the blocks of users that ALS learns from.

First each block of users is cut to the head, the most rated movies, with what biases leave of each rating; then each
task fills rows of the matrix (domain/models/co_rating.py) and writes them to a file. A process of the second wave
holds the histories of all users, 16 bytes for each of their ratings of the head's movies, and its task's rows; the
driver holds the matrix, 4 bytes for each pair of the head's movies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from domain.models.co_rating import MOST, Histories, head_histories, head_of, rows_together
from domain.models.least_squares import Floats
from domain.stars.neighbours import Near, NearSettings, nearest, together
from spark_jobs.models.block_als import Blocks, Residuals
from spark_jobs.models.rating_blocks import read_block, save
from spark_jobs.models.transforms.biases import Biases

ROWS = 250  # of the head in one task: 20 MB at 20,000 movies
NEAR = tuple(Near.__dataclass_fields__)
NONE = Near(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))


@dataclass(frozen=True)
class CoRatings:
    """What is known of the movies of some blocks: `raters` is how many rated each of all.

    `head` are positions among all (rising); `counts` (head × head, float32) is how many users rated both, `near` are
    the head's neighbours for predicted stars.
    """

    raters: NDArray[np.int64]
    head: NDArray[np.intp]
    counts: Floats
    near: Near


@dataclass(frozen=True)
class Wave:
    """Both waves of tasks; `folder` is where their files are, `blocks` where those of the ratings are."""

    folder: Path
    blocks: Path
    positions: NDArray[np.intp]
    movies: int

    def cut(self, block: tuple[int, int], left: Residuals) -> None:
        """Cut one block of users, given its number and its first row, to the head."""
        number, first_row = block
        own = read_block(self.blocks, "user_id", number)
        place_of = np.full(self.movies, -1, np.int32)
        place_of[self.positions] = np.arange(len(self.positions), dtype=np.int32)
        values = left(own, "user_id", first_row)[1]
        columns = np.ascontiguousarray(own.columns)
        cut = head_histories(np.ascontiguousarray(own.offsets), columns, values, place_of, first_row, MOST)
        for name, array in zip(("offsets", "places", "values"), cut, strict=True):
            save(self.folder / f"{number:05}.{name}.npy", array)

    def fill(self, first: int) -> None:
        """Write the rows of the head's movies `first`, `first` + 1, …"""
        by_user, by_movie = gathered(self.folder, len(self.positions))
        shape = min(ROWS, len(self.positions) - first), len(self.positions)
        counts, products = np.empty(shape, np.float32), np.empty(shape, np.float32)
        of_movies = by_movie.offsets, by_movie.places, by_movie.values
        rows_together(first, *of_movies, by_user.offsets, by_user.places, by_user.values, counts, products)
        owners = np.repeat(np.arange(len(self.positions)), np.diff(by_movie.offsets))
        squared = by_movie.values.astype(np.float64) ** 2
        squares = np.bincount(owners, squared, minlength=len(self.positions)).astype(np.float64)
        near = nearest(counts, products, squares, first, NearSettings())
        save(self.folder / f"{first:06}.counts.npy", counts)
        for name in NEAR:
            save(self.folder / f"{first:06}.near.{name}.npy", getattr(near, name))


@lru_cache(maxsize=1)
def gathered(folder: Path, head: int) -> tuple[Histories, Histories]:
    """All histories by user, and by movie; kept by the process, as all its tasks need them."""
    lengths, places, values = (  # the files of `cut`: tasks that were quicker have written NNNNNN.near.offsets.npy
        [np.load(path, mmap_mode="r") for path in sorted(folder.glob(f"[0-9]*[0-9].{name}.npy"))]
        for name in ("offsets", "places", "values")
    )
    offsets = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(of_block) for of_block in lengths]))])
    by_user = Histories(offsets, np.concatenate(places), np.concatenate(values))
    return by_user, by_user.by_movie(head)


def co_ratings(blocks: Blocks, biases: Biases, most: int) -> CoRatings:
    """What tasks find, for a head of at most `most` movies; the biases must have each user and movie of the blocks."""
    offsets = [read_block(blocks.folder, blocks.items.column, number).offsets for number in blocks.items.blocks]
    raters = np.concatenate([np.diff(of_block) for of_block in offsets])
    head = head_of(raters, most)
    folder = blocks.folder / uuid4().hex  # never one that `gathered` has seen
    wave, left = Wave(folder, blocks.folder, head, len(raters)), blocks.without(biases)
    context = blocks.spark.sparkContext
    users = [(number, int(blocks.users.bounds[number])) for number in blocks.users.blocks]
    context.parallelize(users, len(users)).foreach(lambda block: wave.cut(block, left))
    firsts = range(0, len(head), ROWS)
    context.parallelize(firsts, max(1, len(firsts))).foreach(wave.fill)
    counts = np.empty((len(head), len(head)), np.float32)
    for first in firsts:
        counts[first : first + ROWS] = np.load(folder / f"{first:06}.counts.npy")
    strips = [Near(*(np.load(folder / f"{first:06}.near.{name}.npy") for name in NEAR)) for first in firsts]
    return CoRatings(raters, head, counts, together(strips) if strips else NONE)
