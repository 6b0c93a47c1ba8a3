"""Confidence intervals of means over users: percentile intervals of the bootstrap.

Source: Efron & Tibshirani, «An Introduction to the Bootstrap», 1993, chapter 13.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """A figure and the interval that holds it with the wanted confidence."""

    value: float
    low: float
    high: float


def intervals(
    sums: NDArray[np.float64], counts: NDArray[np.float64], samples: int, confidence: float, seed: int
) -> list[Interval]:
    """The ratio of the totals of each column, sum of `sums` / sum of `counts`, and its interval.

    A sample draws as many users as there are, with replacement; each user brings their whole row. So a mean over users
    has counts of 1, and one over ratings has the number of each user's ratings. The same seed draws the same users, so
    that models are compared on the same samples. No samples: low and high are nan.

    Args:
        sums, counts: users × figures; at least one user; a user without a value of a figure has 0 in both.
        confidence: share of the samples within, such as 0.95.

    Returns:
        One for each column; nan where the counts add up to 0.
    """
    random = np.random.default_rng(seed)
    users = len(sums)
    drawn = np.empty((samples, sums.shape[1]))
    for sample in range(samples):
        times = np.bincount(random.integers(0, users, users), minlength=users)
        drawn[sample] = _ratio(times @ sums, times @ counts)
    tails = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    low, high = _quantiles(drawn, tails)
    values = _ratio(sums.sum(axis=0), counts.sum(axis=0))
    return [Interval(*map(float, figure)) for figure in zip(values, low, high, strict=True)]


def _quantiles(drawn: NDArray[np.float64], tails: list[float]) -> NDArray[np.float64]:
    """Quantiles of each column over the samples that have a value: a rare figure may be missing in a few."""
    quantiles = np.full((len(tails), drawn.shape[1]), np.nan)
    for column in np.flatnonzero(~np.isnan(drawn).all(axis=0)):
        quantiles[:, column] = np.nanquantile(drawn[:, column], tails)
    return quantiles


def _ratio(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
