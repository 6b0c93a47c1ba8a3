"""Similar movies of every movie, by who rated what and by genres, tags, years: see domain/models/similar_movies.py.

Tasks take blocks of movies: those of the head read their rows of EASE's inverse from a file, the others the ratings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from scipy.sparse import csc_matrix, csr_matrix

from domain.models.co_rating import LEAST
from domain.models.largest_products import NOTHING
from domain.models.least_squares import Floats
from domain.models.similar_movies import Head, Movies, Watched, content_features, like_head, like_tail
from spark_jobs.frames.arrow_lists import lists
from spark_jobs.models.block_als import Blocks
from spark_jobs.models.co_ratings import CoRatings
from spark_jobs.models.rating_blocks import read_block, save

SCHEMA = "movie_id int, movie_ids array<int>, scores array<float>"
BLOCK = 100  # movies at once: half a gigabyte at 80,000
TASK = 10  # blocks


@dataclass(frozen=True)
class Content:
    """What is known of movies beside ratings: `ids` (rising) of all, and their features."""

    ids: NDArray[np.int32]
    features: csr_matrix


def content(movies: DataFrame, tags: DataFrame) -> Content:
    """The content of all cleaned movies (movie_id, genres, year) by what users tagged them with (movie_id, tag)."""
    rows: Any = movies.select("movie_id", "genres", "year").orderBy("movie_id").toPandas()
    given: Any = tags.groupBy("movie_id", "tag").count().toPandas()
    ids = rows["movie_id"].to_numpy(np.int32)
    genres = rows["genres"].explode().dropna()
    of_genres = _features(genres.index.to_numpy(), genres.to_numpy(), np.ones(len(genres)), len(ids))
    known = given[given["movie_id"].isin(ids)].sort_values(["movie_id", "tag"])
    at = np.searchsorted(ids, known["movie_id"].to_numpy())
    of_tags = _features(at, known["tag"].to_numpy(), known["count"].to_numpy(np.float64), len(ids))
    return Content(ids, content_features(of_genres, of_tags, rows["year"].to_numpy(np.float64)))


def _features(rows: NDArray[Any], names: NDArray[Any], values: NDArray[np.float64], movies: int) -> csr_matrix:
    different, columns = np.unique(names.astype(str), return_inverse=True)
    return csr_matrix((values, (rows, columns)), shape=(movies, len(different)))


@dataclass(frozen=True)
class Shared:
    """What all tasks share: `at` are the positions of the blocks' movies in `content`, `raters` how many rated each.

    `head` are the movies of `inverse`, a file of (XᵀX + λ · 1)⁻¹; `blocks` is the folder of so many `item_blocks`.
    Lists have `n` movies of `least` ratings or more.
    """

    content: Content
    at: NDArray[np.intp]
    raters: NDArray[np.int64]
    head: Head
    inverse: Path
    blocks: Path
    item_blocks: int
    least: int
    n: int

    @cached_property
    def movies(self) -> Movies:
        """All movies as the domain takes them, made once in a process."""
        counts = np.zeros(len(self.content.ids), np.int64)
        counts[self.at] = self.raters
        least = self.least
        if len(self.head.positions) < np.count_nonzero(self.raters >= LEAST):
            # the most rated ones are enough to choose from, and a list takes less than half of the time
            least = max(least, int(counts[self.head.positions].min(initial=np.iinfo(np.int64).max)))
        return Movies(self.content.features, counts, least)

    @cached_property
    def watched(self) -> Watched:
        """Who rated what, from the blocks of items; made once in a process."""
        blocks = [read_block(self.blocks, "item_id", number) for number in range(self.item_blocks)]
        lengths = np.zeros(len(self.content.ids), np.int64)
        lengths[self.at] = np.concatenate([np.diff(block.offsets) for block in blocks])
        users = np.concatenate([block.columns for block in blocks])
        shape = int(users.max(initial=-1)) + 1, len(lengths)
        offsets = np.append(0, np.cumsum(lengths))
        of_all = csc_matrix((np.ones(len(users), np.float32), users, offsets), shape=shape)
        return Watched.of(of_all, self.movies.shown)

    def best(self, positions: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Positions and scores of the best others for some movies, either all of the head or none."""
        if np.isin(positions[:1], self.head.positions).any():
            places = np.searchsorted(self.head.positions, positions)
            rows = np.load(self.inverse, mmap_mode="r")[places]
            return like_head(places, rows, self.head, self.movies, self.n)
        return like_tail(positions, self.watched, self.movies, self.n)


def similar_movies(blocks: Blocks, found: CoRatings, inverse: Floats, known: Content, least: int, n: int) -> DataFrame:
    """The rows of similar_by_movie without run_id, of all movies of `known` for which there is anything to go by.

    `inverse` is of the head's movies; the files of `blocks` must stay until the rows are read.
    """
    file = blocks.folder / f"{uuid4().hex}.npy"
    save(file, inverse.T)  # the same, as it is symmetric, but LAPACK's lies column by column, and tasks read rows
    at = np.searchsorted(known.ids, blocks.items.ids)
    head = Head(at[found.head], np.diag(inverse).astype(np.float64))
    shared = Shared(known, at, found.raters, head, file, blocks.folder, len(blocks.items.blocks), least, n)
    rest = np.setdiff1d(np.arange(len(known.ids)), head.positions)
    pieces = [piece for part in (head.positions, rest) for piece in np.array_split(part, -(-len(part) // BLOCK) or 1)]
    todo = blocks.spark.sparkContext.broadcast((shared, [piece for piece in pieces if len(piece)]))

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        of_all, parts = todo.value
        for number in (number for batch in batches for number in batch["id"].to_pylist()):
            positions, scores = of_all.best(parts[number])
            kept = scores > NOTHING
            ids = of_all.content.ids
            columns = [pa.array(ids[parts[number]]), lists(ids[positions], kept), lists(scores, kept)]
            batch = pa.RecordBatch.from_arrays(columns, ["movie_id", "movie_ids", "scores"])
            yield batch.filter(pa.array(kept.any(axis=1)))

    count = len(todo.value[1])
    return blocks.spark.range(0, count, 1, -(-count // TASK)).mapInArrow(rows, SCHEMA)
