"""Epsilon: the density below which a row is an outlier, found on rows whose truth is known, or as a share of the rows.

Everything works on ln p, so that densities too small for a float64 still have an order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.statistics.moments import Vector

Truth = NDArray[np.bool_]
GRID_STEPS = 1000
LARGEST_LOG = 700.0  # up to here, and down to its negative, float64 holds e to this power with all its digits


@dataclass(frozen=True)
class Threshold:
    """Rows with ln p below `log_epsilon` are outliers; the other figures are those on the validation rows."""

    log_epsilon: float
    f1: float
    precision: float
    recall: float


Search = Callable[[Vector, Truth], Threshold]


def exact(log_density: Vector, outlier: Truth) -> Threshold:
    """The best F1 over every threshold there is; of equal ones the lowest. O(n log n).

    Candidates lie half-way (of ln p) between neighbouring different densities, and one above the highest.
    """
    order = np.argsort(log_density, kind="stable")
    ordered, hits = log_density[order], np.cumsum(outlier[order])
    last = np.append(np.flatnonzero(np.diff(ordered) > 0), len(ordered) - 1)  # of each run of equal densities
    scores = _f1(hits[last], last + 1, int(outlier.sum()))
    best = int(np.argmax(scores))
    return measured(_above(ordered, int(last[best])), log_density, outlier)


def grid(log_density: Vector, outlier: Truth, steps: int = GRID_STEPS) -> Threshold:
    """The search of Ng's course: equal steps of p from the lowest density up to the highest, the first best wins.

    Where the highest density does not fit a float64, densities are taken relative to it; the steps are the same.
    """
    top = float(log_density.max())
    scale = 0.0 if abs(top) < LARGEST_LOG else top
    density = np.exp(log_density - scale)
    low, high = float(density.min()), float(density.max())
    if low == high:
        return Threshold(top, 0.0, 0.0, 0.0)
    epsilons = np.arange(low, high, (high - low) / steps)
    ordered = np.argsort(density, kind="stable")
    flagged = np.searchsorted(density[ordered], epsilons, side="left")
    hits = np.concatenate([[0], np.cumsum(outlier[ordered])])[flagged]
    best = int(np.argmax(_f1(hits, flagged, int(outlier.sum()))))
    with np.errstate(divide="ignore"):
        return measured(float(np.log(epsilons[best]) + scale), log_density, outlier)


def measured(log_epsilon: float, log_density: Vector, outlier: Truth) -> Threshold:
    """F1, precision and recall of a threshold on rows whose truth is known."""
    flagged = log_density < log_epsilon
    hits, count, positives = int((flagged & outlier).sum()), int(flagged.sum()), int(outlier.sum())
    f1 = float(_f1(np.array([hits]), np.array([count]), positives)[0])
    return Threshold(log_epsilon, f1, hits / count if count else 0.0, hits / positives if positives else 0.0)


def auroc(log_density: Vector, outlier: Truth) -> float:
    """Chance that an outlier has a lower density than another row, ties half; nan without both kinds.

    The Mann–Whitney statistic by mid-ranks.
    """
    _, inverse, counts = np.unique(log_density, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    positives = int(outlier.sum())
    pairs = positives * (len(outlier) - positives)
    if pairs == 0:
        return float("nan")
    return float(1 - (middle[inverse][outlier].sum() - positives * (positives + 1) / 2) / pairs)


def _f1(hits: NDArray[np.integer], flagged: NDArray[np.integer], positives: int) -> Vector:
    """2 · hits / (flagged + positives), the harmonic mean of precision and recall; 0 where nothing is to be found."""
    return np.asarray(2.0 * hits / np.maximum(flagged + positives, 1))


def _above(ordered: Vector, place: int) -> float:
    """A threshold that flags the first `place` + 1 of the rising densities and no more."""
    low = float(ordered[place])
    if place + 1 == len(ordered):
        return float(np.nextafter(low, np.inf))
    high = float(ordered[place + 1])
    middle = low + (high - low) / 2
    return middle if low < middle else high
