"""Exposure of movies by lists: how much of the catalogue they show, how evenly, how little known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NONE = -1  # in a matrix of lists: a place beyond the end of the list


def shown(lists: NDArray[np.integer], movies: int, k: int) -> NDArray[np.intp]:
    """The number of lists in which each of the `movies` movies is among the first k places.

    Args:
        lists: users × places, positions of movies in 0 … movies - 1, or NONE.
    """
    first = lists[:, :k]
    return np.bincount(first[first != NONE], minlength=movies)


def coverage(counts: NDArray[np.integer]) -> float:
    """Share of the movies that are shown at all; `counts` as `shown` gives them."""
    return float((counts > 0).mean())


def gini(counts: NDArray[np.integer]) -> float:
    """Gini index of how often movies are shown: 0 all equally often, near 1 a few only; nan where none is shown.

    With the counts rising and numbered from 1 to n: sum of (2 i - n - 1) · count_i / (n · sum of counts); movies that
    are never shown count.
    Source: Shani & Gunawardana, «Evaluating recommendation systems», Recommender Systems Handbook 2011, section 8.3.8,
    with the usual n in place of n - 1.
    """
    rising, n = np.sort(counts), len(counts)
    if rising.sum() == 0:
        return float("nan")
    return float((2 * np.arange(1, n + 1) - n - 1) @ rising / (n * rising.sum()))


def self_information(raters: NDArray[np.integer], users: int) -> NDArray[np.float64]:
    """Bits that say how little known each movie is: -log2(raters / users), 0 for one that everybody rated.

    Source: Zhou et al., «Solving the apparent diversity-accuracy dilemma of recommender systems», PNAS 2010. A movie
    without raters counts as if it had one, as it would be infinitely new otherwise.
    """
    return -np.log2(np.maximum(raters, 1) / users)


def novelty(lists: NDArray[np.integer], bits: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """The mean of `bits` over the first k movies of each user's list; nan for an empty list.

    Args:
        lists: as for `shown`.
        bits: `self_information` of each movie.
    """
    first = lists[:, :k]
    there = first != NONE
    totals, places = np.where(there, bits[first], 0.0).sum(axis=1), there.sum(axis=1)
    return np.divide(totals, places, out=np.full(len(lists), np.nan), where=places > 0)
