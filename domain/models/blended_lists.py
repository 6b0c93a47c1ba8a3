"""The best movies of the blend for many users: implicit ALS, sparse EASE and «most popular», each as z-scores.

What `blend.py` computes with a number for each user and movie, without these numbers: means and standard deviations
of ALS's scores follow from sums over all movies less those of the user's history, and EASE's scores are few. EASE knows
the head alone, the most rated movies; beyond it, and where EASE says nothing, ALS's z-score stands for that of EASE, so
that head and tail are ranked on one scale. Every sum has an order of its own, whoever else is in the batch: a user's
list is the same to the last bit however users are spread over tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from domain.models.largest_products import NOTHING, LongestFirst, keep_largest, largest_products
from domain.models.least_squares import Floats
from domain.models.settings import Blend
from domain.serving.ranking import places_of

Positions = NDArray[np.intp]
TILE = 2_048  # movies whose products with a user are summed up at once: 8 KB, which stay in the first cache
SPARE = 8  # more of the tail than wanted: the order of the last ones is settled by sums of our own
ROUNDING = 1e-6  # of the lengths of two vectors: what their float32 product may be off
LEAST = 1e-6  # of a mean: a standard deviation below it is rounding, of a difference of sums with 16 digits


class Parts(NamedTuple):
    """The arrays of the ranking model as compiled code takes them.

    `factors` is movies × rank, `turned` those of the head, rank × head; `sums` (rank) and `gram` (rank × rank) are over
    all movies. `raters` (movies) is how many rated each, `raters_sums` are of these and of their squares. `head` are
    the head's positions, rising, `place` is the reverse, -1 beyond. `columns` and `weights` are those of SparseRows.
    """

    factors: Floats
    turned: Floats
    sums: NDArray[np.float64]
    gram: NDArray[np.float64]
    raters: NDArray[np.float64]
    raters_sums: tuple[float, float]
    head: Positions
    place: NDArray[np.int32]
    columns: NDArray[np.int32]
    weights: Floats


@dataclass(frozen=True)
class Histories:
    """What users rated: positions of user u are `offsets[u]:offsets[u + 1]` of `rated`, rising."""

    offsets: NDArray[np.int64]
    rated: Positions


@dataclass(frozen=True)
class Lists:
    """Best first: `positions` and `scores` (users × n), NOTHING beyond the end of a list.

    `loudness` (users × 3, float32) is what a unit of ALS's score and of EASE's adds to the score of a head's movie, and
    what one of ALS's adds to that of a movie beyond it.
    """

    positions: Positions
    scores: Floats
    loudness: Floats


@dataclass(frozen=True)
class RankingModel:
    """The blend: factors of all movies, how many rated them, the rows of sparse EASE of the head, and the weights."""

    factors: Floats
    raters: NDArray[np.float64]
    head: Positions
    columns: NDArray[np.int32]
    weights: Floats
    blend: Blend

    @cached_property
    def parts(self) -> Parts:
        """The arrays, made once in a process."""
        wide = self.factors.astype(np.float64)
        turned = np.ascontiguousarray(self.factors[self.head].T)
        return Parts(
            factors=self.factors,
            turned=turned,
            sums=wide.sum(axis=0),
            gram=wide.T @ wide,
            raters=self.raters,
            raters_sums=(float(self.raters.sum()), float((self.raters**2).sum())),
            head=self.head,
            place=places_of(self.head, len(self.factors)),
            columns=self.columns,
            weights=self.weights,
        )

    @cached_property
    def tail(self) -> tuple[Positions, LongestFirst]:
        """The movies beyond the head, and their factors with the z-scored number of ratings as one more."""
        tail = np.flatnonzero(self.parts.place < 0)
        return tail, LongestFirst.of(np.column_stack([self.factors[tail], self.raters[tail]]).astype(np.float32))

    def lists(self, users: Floats, histories: Histories, n: int) -> Lists:
        """The min(n, unseen) best movies of each user (users × rank), of equal scores the lower position first."""
        n = min(n, len(self.factors))
        positions, scores = np.zeros((len(users), n), np.intp), np.full((len(users), n), NOTHING, np.float32)
        scales = np.zeros((len(users), 3))
        loudness = np.zeros((len(users), 3), np.float32)
        shares = np.array([self.blend.als_weight, self.blend.ease_weight, self.blend.popular_weight])
        _rank_head(users, histories.offsets, histories.rated, self.parts, shares, positions, scores, loudness, scales)
        if len(self.head) < len(self.factors):
            self._rank_tail(users, histories, scales, positions, scores)
        order = np.lexsort((positions, -scores), axis=1)
        return Lists(np.take_along_axis(positions, order, 1), np.take_along_axis(scores, order, 1), loudness)

    def _rank_tail(
        self, users: Floats, histories: Histories, scales: NDArray[np.float64], positions: Positions, scores: Floats
    ) -> None:
        tail, items = self.tail
        queries = np.column_stack([users * scales[:, :1], scales[:, 1:2]]).astype(np.float32)
        owners = np.repeat(np.arange(len(users)), np.diff(histories.offsets))
        beyond = self.parts.place[histories.rated] < 0
        left_out = owners[beyond], np.searchsorted(tail, histories.rated[beyond])
        found, products = largest_products(items, queries, left_out, scores.shape[1] + SPARE)
        for user in self._unsettled(queries, products, scales, scores):
            own, unseen = slice(user, user + 1), np.zeros((1, len(tail)), np.float32)
            unseen[0, left_out[1][left_out[0] == user]] = NOTHING
            products[user] = NOTHING
            _offer_tail(users[own], tail[np.newaxis], unseen, self.parts, scales[own], positions[own], scores[own])
        _offer_tail(users, tail[found], products, self.parts, scales, positions, scores)

    def _unsettled(
        self, queries: Floats, products: Floats, scales: NDArray[np.float64], scores: Floats
    ) -> NDArray[np.intp]:
        """Users of whom more movies of the tail than SPARE are so much alike that any of them may be in the list."""
        tail, items = self.tail
        if products.shape[1] == len(tail):
            return np.zeros(0, np.intp)
        best, least = products[:, scores.shape[1] - 1], products[:, -1]
        off = ROUNDING * np.linalg.norm(queries, axis=1) * items.lengths[0]
        return np.flatnonzero((least > NOTHING) & (best - least <= off) & (least + scales[:, 2] + off >= scores[:, 0]))


@numba.njit(nogil=True, cache=True)
def _rank_head(
    users: Floats,
    offsets: NDArray[np.int64],
    rated: Positions,
    parts: Parts,
    shares: NDArray[np.float64],
    positions: Positions,
    scores: Floats,
    loudness: Floats,
    scales: NDArray[np.float64],
) -> None:
    """Fill `positions` and `scores` (as heaps) with the best of the head, and for the tail `scales`.

    `scales` has for each user the factors of ALS's score and of the number of ratings, and what is added to them.
    """
    head = len(parts.head)
    als, ease, score = np.empty(head, np.float32), np.empty(head, np.float32), np.empty((1, head), np.float32)
    for u in range(len(users)):
        own = rated[offsets[u] : offsets[u + 1]]
        products_of(users[u], parts.turned, als)
        said = ease_of(own, parts, ease)
        of_als = als_moments(users[u], own, parts)
        of_ease = ease_moments(own, parts, ease) if said else (0.0, 0.0)
        of_raters = raters_moments(own, parts)
        a, e, p = shares
        if of_ease[1] == 0.0:
            a, e = a + e, 0.0
        by_als, by_ease, by_raters = _scale(a, of_als), _scale(e, of_ease), _scale(p, of_raters)
        tail_by_als = _scale(shares[0] + shares[1], of_als)
        shift = -(by_als * of_als[0] + by_ease * of_ease[0] + by_raters * of_raters[0])
        if e == 0.0 and p == 0.0:  # one model alone: its scores as they are
            by_als, tail_by_als, shift = 1.0, 1.0, 0.0
        alone = by_als == 1.0 and shift == 0.0
        scales[u, 0], scales[u, 1] = tail_by_als, by_raters
        scales[u, 2] = 0.0 if alone else -(tail_by_als * of_als[0] + by_raters * of_raters[0])
        loudness[u, 0], loudness[u, 1], loudness[u, 2] = by_als, by_ease, tail_by_als
        for j in range(head):
            score[0, j] = by_als * als[j] + by_ease * ease[j] + by_raters * parts.raters[parts.head[j]] + shift
        for k in range(len(own)):
            if parts.place[own[k]] >= 0:
                score[0, parts.place[own[k]]] = NOTHING
        keep_largest(score, parts.head, np.full(1, u), positions, scores)


@numba.njit(nogil=True, cache=True)
def _scale(weight: float, moments: tuple[float, float]) -> float:
    return weight / moments[1] if moments[1] > 0.0 else 0.0


@numba.njit(nogil=True, cache=True)
def products_of(user: Floats, turned: Floats, out: Floats) -> None:
    """out = user · turned (rank × m): float32 sums over the factors in their order, whatever the processor's width."""
    for start in range(0, len(out), TILE):
        end = min(start + TILE, len(out))
        some = out[start:end]  # slices, whose sums the compiler does eight at a time: six times as quick
        some[:] = np.float32(0.0)
        for f in range(len(user)):
            weight, row = user[f], turned[f, start:end]
            for j in range(len(some)):
                some[j] += weight * row[j]


@numba.njit(nogil=True, cache=True)
def ease_of(own: Positions, parts: Parts, out: Floats) -> bool:
    """out (head) = the sums of EASE's rows of the rated movies; False where none of them is in the head."""
    out[:] = np.float32(0.0)
    said = False
    for k in range(len(own)):
        row = parts.place[own[k]]
        if row >= 0 and parts.columns.shape[1] > 0:
            said = True
            for j in range(parts.columns.shape[1]):
                out[parts.columns[row, j]] += parts.weights[row, j]
    return said


@numba.njit(nogil=True, cache=True)
def als_moments(user: Floats, own: Positions, parts: Parts) -> tuple[float, float]:
    """Mean and standard deviation of ALS's scores over the movies that are not `own`."""
    rank = len(user)
    total, squares = 0.0, 0.0
    for f in range(rank):
        total += user[f] * parts.sums[f]
        for g in range(rank):
            squares += np.float64(user[f]) * parts.gram[f, g] * user[g]
    for k in range(len(own)):
        product = 0.0
        for f in range(rank):
            product += np.float64(user[f]) * parts.factors[own[k], f]
        total -= product
        squares -= product * product
    return _moments(total, squares, len(parts.factors) - len(own))


@numba.njit(nogil=True, cache=True)
def ease_moments(own: Positions, parts: Parts, ease: Floats) -> tuple[float, float]:
    """Mean and standard deviation of EASE's scores over the movies of the head that are not `own`."""
    total, squares, count = 0.0, 0.0, len(ease)
    for j in range(len(ease)):
        total += ease[j]
        squares += np.float64(ease[j]) * ease[j]
    for k in range(len(own)):
        if parts.place[own[k]] >= 0:
            value = np.float64(ease[parts.place[own[k]]])
            total -= value
            squares -= value * value
            count -= 1
    return _moments(total, squares, count)


@numba.njit(nogil=True, cache=True)
def raters_moments(own: Positions, parts: Parts) -> tuple[float, float]:
    """Mean and standard deviation of the numbers of ratings over the movies that are not `own`."""
    total, squares = parts.raters_sums
    for k in range(len(own)):
        total -= parts.raters[own[k]]
        squares -= parts.raters[own[k]] * parts.raters[own[k]]
    return _moments(total, squares, len(parts.raters) - len(own))


@numba.njit(nogil=True, cache=True)
def _moments(total: float, squares: float, count: int) -> tuple[float, float]:
    if count <= 0:
        return 0.0, 0.0
    mean = total / count
    spread = np.sqrt(max(squares / count - mean * mean, 0.0))
    return mean, spread if spread > LEAST * abs(mean) else 0.0


@numba.njit(nogil=True, cache=True)
def _offer_tail(
    users: Floats,
    found: Positions,
    products: Floats,
    parts: Parts,
    scales: NDArray[np.float64],
    positions: Positions,
    scores: Floats,
) -> None:
    """Offer the best of the tail to the lists, by sums of their own in place of the `products` of many."""
    score = np.empty((1, found.shape[1]), np.float32)
    for u in range(len(users)):
        for k in range(found.shape[1]):
            score[0, k] = NOTHING
            if products[u, k] > NOTHING:
                als = np.float32(0.0)
                for f in range(users.shape[1]):
                    als += users[u, f] * parts.factors[found[u, k], f]
                score[0, k] = scales[u, 0] * als + scales[u, 1] * parts.raters[found[u, k]] + scales[u, 2]
        keep_largest(score, found[u], np.full(1, u), positions, scores)
