"""Distances between two distributions, from counts of the same categories, and the light that each deserves.

Levels: PSI .1 is worth watching, .25 asks for action; JS distance and Wasserstein / std from .1 on are worth watching.
The Kolmogorov-Smirnov distance is information: on 100,000 ratings its p-value alarms at any difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.contract.lights import Light

FLOOR = 1e-4  # least share of a category in PSI, so that an empty one is no infinity
WATCH, ACT = 0.1, 0.25  # of PSI, and of shares of what is new
WATCH_DISTANCE = 0.1  # of JS distance, and of Wasserstein / std

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Distance:
    """Distances of a recent from a reference distribution; `wasserstein` is in standard deviations of the reference.

    `ks` and `wasserstein` are None where categories have no order.
    """

    psi: float
    js: float
    ks: float | None = None
    wasserstein: float | None = None

    @property
    def verdict(self) -> Light:
        """The light by the levels above."""
        if self.psi >= ACT:
            return Light.ACT
        far = max(self.js, self.wasserstein or 0.0) >= WATCH_DISTANCE
        return Light.WATCH if self.psi >= WATCH or far else Light.GOOD


def distance(reference: ArrayLike, recent: ArrayLike, values: ArrayLike | None = None) -> Distance:
    """The distances between counts of the same categories; `values`, rising, where categories are numbers.

    Raises:
        ValueError: the counts of one of the two add up to 0.
    """
    p, q = _shares(reference), _shares(recent)
    psi, js = _psi(p, q), _js_distance(p, q)
    if values is None:
        return Distance(psi, js)
    numbers = np.asarray(values, dtype=float)
    apart = np.abs(np.cumsum(p - q))[:-1]
    std = spread(reference, numbers)
    work = float((apart * np.diff(numbers)).sum())
    return Distance(psi, js, float(apart.max(initial=0.0)), work / std if std else (0.0 if work == 0 else np.inf))


def mean(counts: ArrayLike, values: ArrayLike) -> float:
    """Mean of values that occur so many times."""
    return float(_shares(counts) @ np.asarray(values, dtype=float))


def spread(counts: ArrayLike, values: ArrayLike) -> float:
    """Standard deviation (n - 1) of values that occur so many times."""
    numbers, n = np.asarray(values, dtype=float), float(np.sum(counts))
    return float(np.sqrt(_shares(counts) @ (numbers - mean(counts, numbers)) ** 2 * n / max(n - 1, 1)))


def of_share(new: float) -> Light:
    """The light for a share of ratings by users, or of movies, that were unknown before."""
    return Light.ACT if new >= ACT else Light.WATCH if new >= WATCH else Light.GOOD


def _shares(counts: ArrayLike) -> Shares:
    numbers = np.asarray(counts, dtype=float)
    if numbers.sum() <= 0:
        raise ValueError("no counts, so there is no distribution")
    return np.asarray(numbers / numbers.sum())


def _psi(p: Shares, q: Shares) -> float:
    """Population stability index, Σ (q - p) ln(q / p)."""
    p, q = np.maximum(p, FLOOR), np.maximum(q, FLOOR)
    return float(((q - p) * np.log(q / p)).sum())


def _js_distance(p: Shares, q: Shares) -> float:
    """Root of the Jensen-Shannon divergence in bits, 0 to 1."""
    middle = (p + q) / 2
    parts = [(x[x > 0] * np.log2(x[x > 0] / middle[x > 0])).sum() for x in (p, q)]
    return float(np.sqrt(max(sum(parts) / 2, 0.0)))
