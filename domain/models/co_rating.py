"""How many users rated both of two movies, one row of movies after the other, from the users' histories.

The product XᵀX of the matrix of users and movies without that matrix, and without another as large as the result: a
row is filled from the histories of those who rated its movie. A user with n ratings takes part in n² pairs, so that
few heavy users would cost more than all others together: of these a drawn part of the history counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.models.least_squares import Floats

MOST = 2_000  # ratings of a history that count
LEAST = 3  # ratings of a movie of the head: those with fewer change nothing but the time it takes


@dataclass(frozen=True)
class Histories:
    """The head's movies that each user rated (`places`, int32, rising within a user), and a value for each of them.

    The history of user u is `offsets[u]:offsets[u + 1]` of `places` and `values`.
    """

    offsets: NDArray[np.int64]
    places: NDArray[np.int32]
    values: Floats

    def by_movie(self, movies: int) -> Histories:
        """The same with movies as rows, and users as places."""
        turned = csr_matrix((self.values, self.places, self.offsets), shape=(len(self.offsets) - 1, movies)).tocsc()
        return Histories(turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data)


@numba.njit(nogil=True, cache=True)
def drawn(user: int, movie: int, share: float) -> bool:
    """Whether a rating is in the drawn `share` (0 … 1) of its user's; the same for the same user and movie, always."""
    mixed = np.uint64(user) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(movie) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return bool(np.float64(mixed >> np.uint64(11)) < share * 9007199254740992.0)  # 2**53


@numba.njit(nogil=True, cache=True)
def head_histories(
    offsets: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: Floats,
    place_of: NDArray[np.int32],
    first_user: int,
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """The arrays of Histories for a block of users, without movies beyond the head, and at most about `most` ratings.

    Args:
        offsets, columns, values: the block's ratings in compressed sparse rows; `place_of` gives the place in the head
            of each column, -1 beyond it, and rises with the columns.
        first_user: number of the first user of the block, from which the draw goes.
    """
    starts = np.zeros(len(offsets), np.int64)
    places, kept_values = np.empty(len(columns), np.int32), np.empty(len(columns), np.float32)
    kept = 0
    for u in range(len(offsets) - 1):
        share = most / max(offsets[u + 1] - offsets[u], 1)
        for k in range(offsets[u], offsets[u + 1]):
            place = place_of[columns[k]]
            if place >= 0 and (share >= 1.0 or drawn(first_user + u, columns[k], share)):
                places[kept], kept_values[kept] = place, values[k]
                kept += 1
        starts[u + 1] = kept
    return starts, places[:kept].copy(), kept_values[:kept].copy()


@numba.njit(nogil=True, cache=True)
def rows_together(
    first: int,
    raters_at: NDArray[np.int64],
    raters: NDArray[np.int32],
    own: Floats,
    offsets: NDArray[np.int64],
    places: NDArray[np.int32],
    values: Floats,
    counts: Floats,
    products: Floats,
) -> None:
    """Fill rows (m × head) of movies `first`, first + 1, …: users who rated both, and their values' products summed.

    `raters_at`, `raters`, `own` are Histories by movie, `offsets`, `places`, `values` the same by user. Counts are
    exact up to 16 million; sums go user by user in rising order.
    """
    for row in range(len(counts)):
        count, product = counts[row], products[row]
        count[:] = 0.0
        product[:] = 0.0
        for k in range(raters_at[first + row], raters_at[first + row + 1]):
            value = own[k]
            for other in range(offsets[raters[k]], offsets[raters[k] + 1]):
                place = places[other]
                count[place] += np.float32(1.0)
                product[place] += value * values[other]


def head_of(raters: NDArray[np.integer], most: int) -> NDArray[np.intp]:
    """Positions (rising) of the `most` most rated movies with LEAST ratings or more, of equal ones the lower first."""
    best = np.argsort(-raters, kind="stable")[:most]
    return np.sort(best[raters[best] >= LEAST])


def together(values: csr_matrix, head: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Counts and products, both head × head, for the ratings of one process: see `rows_together`.

    `values` is users × movies: one stored value for each rating.
    """
    place_of = np.full(values.shape[1], -1, np.int32)
    place_of[head] = np.arange(len(head), dtype=np.int32)
    offsets, columns = values.indptr.astype(np.int64), values.indices.astype(np.int32)
    own = Histories(*head_histories(offsets, columns, values.data.astype(np.float32), place_of, 0, MOST))
    movies = own.by_movie(len(head))
    counts, products = (np.empty((len(head), len(head)), np.float32) for _ in range(2))
    of_movies = movies.offsets, movies.places, movies.values
    rows_together(0, *of_movies, own.offsets, own.places, own.values, counts, products)
    return counts, products
