"""Count, mean and co-moments of vectors, from any number of parts put together without losing digits.

Two parts are merged by the formula of Chan, Golub and LeVeque (1983). Everything is counted from an origin close to the
data, the same in all parts, so that values such as 100,000,000.25 keep the digits behind the point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Moments of `count` rows of d features: `mean` (d) from the origin, `comoments` Σ (x - mean)(x - mean)ᵀ."""

    count: int
    mean: Vector
    comoments: Matrix

    @classmethod
    def none(cls, features: int) -> Moments:
        """The moments of no rows."""
        return cls(0, np.zeros(features), np.zeros((features, features)))

    @classmethod
    def of(cls, rows: Matrix, times: NDArray[np.int64] | None = None) -> Moments:
        """The moments of rows × d values counted from the origin; two passes, the second around the mean.

        `times` says how many equal rows each one stands for, one or more.
        """
        if len(rows) == 0:
            return cls.none(rows.shape[1])
        mean = np.average(rows, axis=0, weights=times)
        centred = rows - mean
        weighted = centred if times is None else centred * times[:, None]
        return cls(len(rows) if times is None else int(times.sum()), mean, weighted.T @ centred)

    @property
    def covariance(self) -> Matrix:
        """Population covariance (divided by the count, as in the likelihood).

        Raises:
            ValueError: there are no rows.
        """
        if self.count == 0:
            raise ValueError("no rows, so there is no covariance")
        return self.comoments / self.count


def merge(one: Moments, other: Moments) -> Moments:
    """The moments of the rows of both parts."""
    if one.count == 0 or other.count == 0:
        return one if other.count == 0 else other
    count = one.count + other.count
    apart = other.mean - one.mean
    between = np.outer(apart, apart) * (one.count * other.count / count)
    return Moments(count, one.mean + apart * (other.count / count), one.comoments + other.comoments + between)


def merge_all(parts: Sequence[Moments]) -> Moments:
    """The moments of all parts (one or more), merged in pairs of pairs: the same result for the same order of parts."""
    merged = list(parts)
    while len(merged) > 1:
        pairs = [merge(*merged[place : place + 2]) for place in range(0, len(merged) - 1, 2)]
        merged = pairs + merged[2 * len(pairs) :]
    return merged[0]
