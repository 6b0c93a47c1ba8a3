"""Stars that neighbours of movies add to biases, where of each movie only the nearest are kept.

`similarities` of models.py takes a number for each pair of movies and sums over the users who rated both. Here two sums
a pair are enough, which one pass over the ratings adds up strip by strip, and a task that predicts needs a few hundred
numbers a movie. Figures: docs/results/evaluation.md, «Stars that a task can compute».
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from domain.models.least_squares import Floats
from domain.stars.models import Wide

UNKNOWN = -1  # in place of a position: a movie without neighbours


@dataclass(frozen=True)
class NearSettings:
    """`kept` neighbours a movie, of which the `count` nearest that a user rated speak; `shrinkage` in users.

    `damping` is that of `from_neighbours`. Tuned with Weights on validation parts of ml-latest-small, its dense part,
    ML-100K, and pseudo-users of 6 and 25 ratings.
    """

    kept: int = 200
    count: int = 20
    shrinkage: float = 100.0
    damping: float = 0.1


@dataclass(frozen=True)
class Near:
    """The nearest others of each of n movies, the nearest first; of one as near the lower position.

    Those of movie i are `positions[offsets[i]:offsets[i + 1]]`, as near as `similar` at the same places, all above 0.
    """

    offsets: NDArray[np.int64]
    positions: NDArray[np.int32]
    similar: Floats


@dataclass(frozen=True)
class Histories:
    """What users rated, one after the other: user u from `offsets[u]` to `offsets[u + 1]`.

    `rated` are positions of movies, or UNKNOWN where a movie has no neighbours, `left` the residuals in stars.
    """

    offsets: NDArray[np.int64]
    rated: NDArray[np.int32]
    left: Floats


@dataclass(frozen=True)
class Weights:
    """How loud ALS on residuals and neighbours are heard beside biases.

    ALS of a user with n ratings weighs `als` · n / (n + `doubt`): of a few ratings it learns more noise than taste.
    """

    als: float = 0.8
    doubt: float = 40.0  # ratings
    neighbours: float = 1.0

    def added(self, als: NDArray[np.floating], neighbours: NDArray[np.floating], rated: NDArray[np.integer]) -> Wide:
        """Stars to add to biases, from what both models add (one shape) and the users' numbers of ratings.

        `rated` has that shape, or one that is broadcast to it: users × 1 for additions of users × movies.
        """
        trust = rated / (rated + self.doubt)
        return np.asarray(self.als * trust * als + self.neighbours * neighbours, np.float64)


def nearest(common: Floats, products: Floats, squares: Wide, first: int, settings: NearSettings) -> Near:
    """The nearest of a strip of movies, those from position `first` on, among all n.

        s_ij = n_ij / (n_ij + shrinkage) · S_ij / sqrt(S_ii S_jj), those above 0

    Shrunk as Koren, «Factor in the Neighbors», ACM TKDD 4(1), 2010, section 2.2, but with sums of squares over all who
    rated a movie, as in the cosine of Sarwar et al., «Item-Based Collaborative Filtering», WWW 2001, section 3.1.1.

    Args:
        common: n_ij, how many users rated both i and j (strip × n, float32).
        products: S_ij, the sum of r_ui r_uj over these users, r the residuals in stars (strip × n, float32).
        squares: S_jj, the sum of r_uj² over all users of each movie (n).
        first: the position of the strip's first movie, which is no neighbour of itself.
        settings: `kept` and `shrinkage` count here.

    Raises:
        ValueError: the shapes do not fit.
    """
    if common.shape != products.shape or common.shape[1:] != squares.shape or first + len(common) > len(squares):
        raise ValueError(f"{common.shape} and {products.shape} from {first} on are no strips of {squares.shape} movies")
    lengths = np.sqrt(squares.astype(np.float64))
    kept = min(settings.kept, len(squares))
    found, positions, similar = _nearest(common, products, lengths, first, kept, settings.shrinkage)
    there = np.arange(kept) < found[:, np.newaxis]
    return Near(np.concatenate([[0], np.cumsum(found)]), positions[there], similar[there])


def together(strips: Sequence[Near]) -> Near:
    """The strips of all movies, in the order of these, as one."""
    lengths = np.concatenate([np.diff(strip.offsets) for strip in strips])
    return Near(
        np.concatenate([[0], np.cumsum(lengths)]),
        np.concatenate([strip.positions for strip in strips]),
        np.concatenate([strip.similar for strip in strips]),
    )


def from_near(near: Near, histories: Histories, wanted: NDArray[np.integer], settings: NearSettings) -> Floats:
    """Stars that neighbours add to biases for each wanted movie of each user (users × n, float32).

        sum of s_ij r_uj / (damping + sum of s_ij) over the `count` nearest j of the kept ones that the user rated

    Source: Koren 2010, equation 3. It is 0 where the movie is UNKNOWN or the user rated none of its neighbours.

    Args:
        near: neighbours of all movies; other positions are of the same movies.
        histories: what the same users rated.
        wanted: positions of movies, or UNKNOWN (users × n).
        settings: `count` and `damping` count here; the latter is above 0.
    """
    added = np.zeros(wanted.shape, np.float32)
    kept, known = (near.offsets, near.positions, near.similar), (histories.offsets, histories.rated, histories.left)
    _add(*kept, *known, wanted, settings.count, settings.damping, added)
    return added


@numba.njit(nogil=True, cache=True)
def _nearest(
    common: Floats, products: Floats, lengths: Wide, first: int, kept: int, shrinkage: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """How many neighbours each movie of the strip has, their positions and similarities (strip × kept)."""
    strip, movies = common.shape
    found = np.zeros(strip, np.int64)
    positions = np.zeros((strip, kept), np.int32)
    similar = np.zeros((strip, kept), np.float32)
    at, value = np.empty(movies, np.int32), np.empty(movies, np.float32)
    for i in range(strip):
        count = 0
        for j in range(movies):
            if products[i, j] > 0.0 and j != first + i and common[i, j] > 0.0:
                shrunk = np.float64(products[i, j]) * common[i, j] / (common[i, j] + shrinkage)
                at[count], value[count] = j, shrunk / (lengths[first + i] * lengths[j])
                count += 1
        best = _largest(value[:count], kept)
        found[i] = len(best)
        positions[i, : len(best)] = at[best]
        similar[i, : len(best)] = value[best]
    return found, positions, similar


@numba.njit(nogil=True, cache=True)
def _largest(values: Floats, n: int) -> NDArray[np.int64]:
    """Positions of the n largest values, the largest first; of equal ones the first."""
    if len(values) <= n:
        return np.argsort(-values, kind="mergesort")
    least = np.partition(values, len(values) - n)[len(values) - n]
    ties = n - np.sum(values > least)
    chosen = np.empty(n, np.int64)
    count = 0
    for i in range(len(values)):
        if values[i] > least or (values[i] == least and ties > 0):
            ties -= values[i] == least
            chosen[count] = i
            count += 1
    return chosen[np.argsort(-values[chosen], kind="mergesort")]


@numba.njit(nogil=True, cache=True)
def _add(
    starts: NDArray[np.int64],
    positions: NDArray[np.int32],
    similar: Floats,
    offsets: NDArray[np.int64],
    rated: NDArray[np.integer],
    left: Floats,
    wanted: NDArray[np.integer],
    count: int,
    damping: float,
    added: Floats,
) -> None:
    """Fill `added`: see `from_near`. Neighbours come nearest first, so the first `count` rated ones are the nearest."""
    own = np.full(len(starts) - 1, np.nan, np.float32)  # the user's residuals; not a number where not rated
    for user in range(len(wanted)):
        for k in range(offsets[user], offsets[user + 1]):
            if rated[k] >= 0:
                own[rated[k]] = left[k]
        for place in range(wanted.shape[1]):
            movie = wanted[user, place]
            if movie >= 0:
                mine = positions[starts[movie] : starts[movie + 1]]
                added[user, place] = _mean(mine, similar[starts[movie] : starts[movie + 1]], own, count, damping)
        for k in range(offsets[user], offsets[user + 1]):
            if rated[k] >= 0:
                own[rated[k]] = np.nan


@numba.njit(nogil=True, cache=True)
def _mean(positions: NDArray[np.int32], similar: Floats, own: Floats, count: int, damping: float) -> float:
    total, weight, spoke = 0.0, damping, 0
    for k in range(len(positions)):
        value = own[positions[k]]
        if not np.isnan(value):
            total += similar[k] * value
            weight += similar[k]
            spoke += 1
            if spoke == count:
                break
    return total / weight
