"""Evidence, in nats, that a user drew movies from a list and did not choose them out of interest.

Genuine users choose movies with a chance that grows with how well known a movie is. An attacker's filler is drawn with
equal chance from a pool: all movies, or the best-known part of them. Both are models of independent inclusion, where
movie m is in a profile with chance 1 - exp(-λ wₘ) and λ makes the expected number of movies the one that was found:

- interest: w is a power of the popularity, of several powers the one that fits the profile best;
- a list: w is 1 in the pool and LEAK outside, of several pools the one that fits best.

The evidence is the difference of the two log likelihoods (a generalized likelihood ratio). Movies of like popularity
are counted together, in BINS of equally many movies, so that a profile is a short histogram whatever the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

BINS = 100
POWERS = (0.4, 0.6, 0.8, 1.0, 1.25, 1.5)
POOLS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # shares of the movies, the best-known first
LEAK = 0.02  # chance of a movie outside the pool, relative to one inside
PRECISION = 5e-11  # of ln λ
LEAST = 1e-6  # movies; a profile of none or of all is taken for one that differs by so little

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Popularity:
    """The spread of ratings over the movies: `counts` has one number a movie, each 1 or more."""

    counts: Integers

    @cached_property
    def sizes(self) -> Floats:
        """Movies of each bin, the best-known movies first."""
        bins = max(1, min(BINS, len(self.counts)))
        return np.diff(np.round(np.linspace(0, len(self.counts), bins + 1)))

    @cached_property
    def weights(self) -> Floats:
        """Mean number of ratings of each bin's movies."""
        summed = np.concatenate([[0], np.cumsum(self.rising[::-1])])
        ends = np.concatenate([[0], np.cumsum(self.sizes)]).astype(int)
        return np.asarray(np.diff(summed[ends]) / self.sizes)

    @cached_property
    def rising(self) -> Integers:
        """The counts, sorted."""
        return np.sort(self.counts)

    def places(self, counts: Integers) -> Floats:
        """The share of each bin in the place of a movie with each of `counts` ratings by others, counts × bins.

        Movies of equal counts share their ranks evenly.
        """
        first = len(self.rising) - np.searchsorted(self.rising, counts, side="right")
        last = np.maximum(len(self.rising) - np.searchsorted(self.rising, counts, side="left"), first + 1)
        ends = np.concatenate([[0], np.cumsum(self.sizes)])
        ends[-1] = np.inf  # a movie that nobody else rated is behind the last one
        inside = np.minimum(last[:, None], ends[1:]) - np.maximum(first[:, None], ends[:-1])
        return np.asarray(np.maximum(inside, 0.0) / (last - first)[:, None])


def evidence(histograms: Floats, popularity: Popularity) -> tuple[Floats, Floats]:
    """Nats for a list and against interest, and the share of the movies that the likeliest list is made from.

    `histograms` (users × bins) are sums of rows of `Popularity.places`, of each movie that of the number of OTHER
    users who rated it: an attack does not hide behind the popularity that it makes.
    """
    sizes, weights = popularity.sizes, popularity.weights
    rated = np.minimum(histograms, sizes)
    middles = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    by_interest = np.max([_log_likelihood(rated, sizes, weights**power) for power in POWERS], axis=0)
    by_list = np.array([_log_likelihood(rated, sizes, np.where(middles < pool, 1.0, LEAK)) for pool in POOLS])
    return by_list.max(axis=0) - by_interest, np.array(POOLS)[by_list.argmax(axis=0)]


def _log_likelihood(rated: Floats, sizes: Floats, weights: Floats) -> Floats:
    """Log likelihood of each histogram when every movie of a bin is included with chance 1 - exp(-λ w)."""
    totals, which = np.unique(np.round(rated.sum(axis=1), 6), return_inverse=True)
    chances = np.clip(-np.expm1(-_rates(totals, sizes, weights)[:, None] * weights), 1e-12, 1 - 1e-12)
    constant = (np.log1p(-chances) * sizes).sum(axis=1)
    odds = np.log(chances) - np.log1p(-chances)
    return np.asarray(np.einsum("ub,ub->u", rated, odds[which]) + constant[which])


def _rates(totals: Floats, sizes: Floats, weights: Floats) -> Floats:
    """λ for each expected total.

    It lies between what it is if no movie can be included twice over, 1 - exp(-λ w) ≤ λ w, and what includes the least
    likely movies, too.
    """
    movies = sizes.sum()

    def surplus(log_rates: Floats, expected: Floats) -> Floats:
        return np.asarray((-np.expm1(-np.exp(log_rates)[:, None] * weights) * sizes).sum(axis=1) - expected)

    expected = np.clip(totals, LEAST, movies - LEAST)
    low = np.log(expected / (sizes @ weights)) - LEAST
    high = np.full(len(totals), np.log(np.log(2 * movies / LEAST) / weights.min()))
    return np.asarray(np.exp(find_root(surplus, (low, high), args=(expected,), tolerances={"xatol": PRECISION}).x))
