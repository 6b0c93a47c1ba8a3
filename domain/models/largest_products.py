"""The largest inner products of many queries with many items, without computing most of the products.

Items are taken by falling length: no product is larger than that of the two lengths (Cauchy-Schwarz), so that a query
with n products above what the next item could reach is done. Lists are exact. In a model of ratings most items have
few of them and short factors: a hundred of 82,000 movies are found among the 14,000 longest, ten among 2,600.
Source: Teflioudi, Gemulla & Mykytiuk, «LEMP: Fast Retrieval of Large Entries in a Matrix Product», SIGMOD 2015
(pruning by length).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Positions = NDArray[np.intp]

NOTHING = np.finfo(np.float32).min  # the score where a list has ended: below every product
STRETCH = 2048  # items that are multiplied at once, with a thousand queries 8 MB of products


@dataclass(frozen=True)
class LongestFirst:
    """Items by falling length: row i of `factors` is row `positions[i]` of the matrix this was made of.

    `places` says where the rows of that matrix went.
    """

    positions: Positions
    places: Positions
    lengths: Floats
    factors: Floats

    @classmethod
    def of(cls, factors: Floats) -> LongestFirst:
        """Sort the rows of `factors` (items × rank)."""
        lengths = np.linalg.norm(factors, axis=1)
        positions = np.argsort(-lengths, kind="stable")
        places = np.empty_like(positions)
        places[positions] = np.arange(len(positions))
        return cls(positions, places, lengths[positions], factors[positions])

    def __len__(self) -> int:
        return len(self.positions)


def largest_products(
    items: LongestFirst, queries: Floats, left_out: tuple[Positions, Positions], n: int
) -> tuple[Positions, Floats]:
    """Positions and products (both queries × min(n, items)) of the best items of each query, best first.

    Positions are those of the matrix that `items` were made of. Of equal products the lower position is first; float32
    sums depend on how many are computed at once, so products closer than about 1e-6 of their size may swap when the
    same queries come in other company. Where a query has fewer items, its row ends with NOTHING.

    Args:
        queries: queries × rank.
        left_out: pairs of a query and an item, by row and by position, that must not be in the lists.
    """
    n = min(n, len(items))
    positions, products = np.zeros((len(queries), n), np.intp), np.full((len(queries), n), NOTHING, np.float32)
    reach = _reach(queries)
    rows = np.arange(len(queries))
    for begin, of_queries, places in _by_stretch(items, left_out):
        rows = rows[reach[rows] * items.lengths[begin] >= products[rows, 0]]
        if len(rows) == 0:
            break
        stretch = queries[rows] @ items.factors[begin : begin + STRETCH].T
        row_of = np.full(len(queries), -1)
        row_of[rows] = np.arange(len(rows))
        there = row_of[of_queries] >= 0
        stretch[row_of[of_queries[there]], places[there] - begin] = NOTHING
        keep_largest(stretch, items.positions[begin : begin + STRETCH], rows, positions, products)
    order = np.lexsort((positions, -products), axis=1)
    return np.take_along_axis(positions, order, 1), np.take_along_axis(products, order, 1)


def _reach(queries: Floats) -> Floats:
    """The factor by which an item's length bounds every product: the query's length, and what rounding may add."""
    rounding = 2 * (queries.shape[1] + 1) * np.finfo(np.float32).eps
    return np.linalg.norm(queries, axis=1) * np.float32(1 + rounding)


def _by_stretch(
    items: LongestFirst, left_out: tuple[Positions, Positions]
) -> Iterator[tuple[int, Positions, Positions]]:
    """The first place of each stretch of items, and of the pairs left out those in it: queries and places."""
    of_queries, places = left_out[0], items.places[left_out[1]]
    order = np.argsort(places, kind="stable")
    of_queries, places = of_queries[order], places[order]
    begins = range(0, len(items), STRETCH)
    ends = np.searchsorted(places, [*begins, len(items)])
    for begin, first, last in zip(begins, ends[:-1], ends[1:], strict=True):
        yield begin, of_queries[first:last], places[first:last]


@numba.njit(nogil=True, cache=True)
def keep_largest(
    offered: Floats, offered_positions: Positions, rows: Positions, positions: Positions, products: Floats
) -> None:
    """Offer `offered[i]` (of the items at `offered_positions`) to row rows[i] of `positions` and `products`, in place.

    A row is a heap with its worst entry first: the smallest product, of equal ones that of the highest position.
    """
    n = products.shape[1]
    for i in range(len(rows)):
        heap, of_heap = products[rows[i]], positions[rows[i]]
        for j in range(offered.shape[1]):
            product, position = offered[i, j], offered_positions[j]
            if not _is_worse(heap[0], of_heap[0], product, position):
                continue
            at = 0
            while 2 * at + 1 < n:
                child = 2 * at + 1
                if child + 1 < n and _is_worse(heap[child + 1], of_heap[child + 1], heap[child], of_heap[child]):
                    child += 1
                if not _is_worse(heap[child], of_heap[child], product, position):
                    break
                heap[at], of_heap[at] = heap[child], of_heap[child]
                at = child
            heap[at], of_heap[at] = product, position


@numba.njit(nogil=True, cache=True)
def _is_worse(product: float, position: int, other: float, other_position: int) -> bool:
    return product < other or (product == other and position > other_position)
