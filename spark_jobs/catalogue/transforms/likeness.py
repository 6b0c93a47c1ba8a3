"""Which titles are alike: by shared people, words of the description, genres, countries, type and score.

All pairs of a million titles are too many, so a title is compared with candidates only: those that share a person or a
word that few titles have, and the best-known titles of its genres. Every candidate is scored in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame
from scipy import sparse

from spark_jobs.frames.arrow_lists import places

# Shares of the similarity; each part is within 0 … 1.
PEOPLE, WORDS, GENRES, COUNTRIES, TYPE, SCORE = 0.3, 0.25, 0.25, 0.05, 0.05, 0.1
FAR_SCORES = 2.0  # points at which two scores have nothing in common
RARE_PEOPLE, RARE_WORDS = 200, 30  # titles that have them, for two titles to be candidates by them
BEST_KNOWN = 30  # titles of each genre and type that are candidates of all others
SHOWN_WORDS = 3
BLOCK = 256  # titles compared at once: about 100,000 pairs
SIMILAR = (
    "media_id string, media_ids array<string>, similarities array<float>, person_ids array<int>, words array<string>"
)

Matrix = Any  # scipy.sparse.csr_array


@dataclass(frozen=True)
class Features:
    """What titles are compared by; row i of each is the title `ids[i]`, ids rising.

    `people`, `genres` and `countries` have rows of length 1, so that products are cosines; so have `words`, by TF-IDF.
    `score` is in points, NaN where there is none.
    """

    ids: NDArray[Any]
    people: Matrix
    words: Matrix
    genres: Matrix
    countries: Matrix
    is_show: NDArray[np.bool_]
    score: NDArray[np.float32]
    votes: NDArray[np.int64]
    person_ids: NDArray[np.int32]  # of the columns of `people`
    vocabulary: NDArray[Any]  # of the columns of `words`


@dataclass(frozen=True)
class Pairs:
    """Titles that are alike: row numbers, and the similarity of each pair, best first for each title."""

    titles: NDArray[np.int64]
    others: NDArray[np.int64]
    similarities: NDArray[np.float32]


def directions(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int]) -> Matrix:
    """A matrix with ones at the given places, each row scaled to length 1."""
    ones = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    counts = np.diff(ones.indptr)  # of different places: one that is named twice counts once
    ones.data = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return ones


@dataclass(frozen=True)
class Candidates:
    """What makes two titles candidates: the transposed rare people, rare words, and best-known titles of genres."""

    people: Matrix
    words: Matrix
    best_known: Matrix

    @classmethod
    def of(cls, features: Features) -> Candidates:
        """The candidates that all titles are looked up in."""
        return cls(
            _rare(features.people, RARE_PEOPLE), _rare(features.words, RARE_WORDS), _best_known(features).T.tocsr()
        )

    def of_block(self, features: Features, block: slice) -> tuple[NDArray[Any], NDArray[Any]]:
        """Row numbers of titles of the block and of their candidates, without the titles themselves."""
        found = (
            features.people[block] @ self.people
            + features.words[block] @ self.words
            + features.genres[block] @ self.best_known
        ).tocoo()
        titles = found.row + block.start
        others = found.col != titles
        return titles[others], found.col[others]


def _rare(matrix: Matrix, most: int) -> Matrix:
    """The transposed matrix with only the rows that at most `most` titles have."""
    columns = matrix.T.tocsr()
    rare = np.diff(columns.indptr) <= most
    return (sparse.diags_array(rare.astype(np.float32)) @ columns).tocsr()


def _best_known(features: Features) -> Matrix:
    """`features.genres` with only those titles that have most votes in a genre, movies and shows apart."""
    listed = features.genres.tocoo()
    order = np.lexsort((listed.row, -features.votes[listed.row], features.is_show[listed.row], listed.col))
    group = listed.col[order] * 2 + features.is_show[listed.row[order]]
    best = order[places(group) < BEST_KNOWN]
    return sparse.csr_array((listed.data[best], (listed.row[best], listed.col[best])), shape=listed.shape)


def similarity(features: Features, titles: NDArray[Any], others: NDArray[Any]) -> NDArray[np.float32]:
    """The weighted sum of the parts of each pair; see the weights above."""

    def cosine(matrix: Matrix) -> NDArray[np.float32]:
        return np.asarray(matrix[titles].multiply(matrix[others]).sum(axis=1), np.float32)

    apart = np.abs(features.score[titles] - features.score[others])
    near = np.nan_to_num(np.clip(1 - apart / FAR_SCORES, 0, 1), nan=0.0)
    same_type = features.is_show[titles] == features.is_show[others]
    total = PEOPLE * cosine(features.people) + WORDS * cosine(features.words) + GENRES * cosine(features.genres)
    return (total + COUNTRIES * cosine(features.countries) + TYPE * same_type + SCORE * near).astype(np.float32)


def most_similar(features: Features, candidates: Candidates, block: slice, n: int) -> Pairs:
    """The best `n` candidates of each title of the block; equal similarities: the lower id first."""
    titles, others = candidates.of_block(features, block)
    scores = similarity(features, titles, others)
    order = np.lexsort((others, -scores, titles))
    best = order[places(titles[order]) < n]
    return Pairs(titles[best], others[best], scores[best])


def similar_titles(blocks: DataFrame, features: Broadcast[Features], n: int) -> DataFrame:
    """The rows of similar_by_title without run_id; `blocks` has the first row number of each block of titles."""

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        candidates: Candidates | None = None
        for batch in batches:
            for start in batch["start"].to_pylist():
                candidates = candidates or Candidates.of(features.value)
                end = min(start + BLOCK, len(features.value.ids))
                yield _rows(features.value, most_similar(features.value, candidates, slice(start, end), n))

    return blocks.mapInArrow(tasks, SIMILAR)


def _rows(features: Features, pairs: Pairs) -> pa.RecordBatch:
    titles, counts = np.unique(pairs.titles, return_counts=True)
    offsets = pa.array(np.r_[0, counts.cumsum()], pa.int32())

    def lists(values: Any, kind: pa.DataType) -> pa.Array:
        return pa.ListArray.from_arrays(offsets, pa.array(values, kind))

    return pa.record_batch(
        {
            "media_id": pa.array(features.ids[titles], pa.string()),
            "media_ids": lists(features.ids[pairs.others], pa.string()),
            "similarities": lists(pairs.similarities, pa.float32()),
            "person_ids": lists(shared_people(features, pairs), pa.int32()),
            "words": lists(shared_words(features, pairs), pa.string()),
        }
    )


def shared_people(features: Features, pairs: Pairs) -> NDArray[np.int32]:
    """For each pair the person in both who has the lowest id, 0 where there is none."""
    return _by_row(features.people, pairs, lambda columns, _: features.person_ids[columns].min(), 0)


def shared_words(features: Features, pairs: Pairs) -> NDArray[Any]:
    """For each pair the words that say most about both descriptions, with spaces between."""

    def best(columns: NDArray[Any], weights: NDArray[Any]) -> str:
        return " ".join(features.vocabulary[columns[np.lexsort((columns, -weights))[:SHOWN_WORDS]]])

    return _by_row(features.words, pairs, best, "")


def _by_row(matrix: Matrix, pairs: Pairs, choose: Callable[..., Any], none: Any) -> NDArray[Any]:
    """`choose(columns, weights)` of what both titles of each pair have in the matrix, `none` where that is nothing."""
    both = sparse.csr_array(matrix[pairs.titles].multiply(matrix[pairs.others]))
    both.eliminate_zeros()
    chosen = [none] * both.shape[0]
    for row in np.flatnonzero(np.diff(both.indptr)):
        place = slice(both.indptr[row], both.indptr[row + 1])
        chosen[row] = choose(both.indices[place], both.data[place])
    return np.array(chosen)
