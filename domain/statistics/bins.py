"""Counts of numbers in bins that are the same for all data, so that the counts of parts add up to those of the whole.

A bin holds the doubles that have the sign, the exponent and the first 12 bits of the fraction in common. Its width is
2⁻¹² of its numbers' size: quantiles read off the counts are too low by that at most, and exact for whole numbers from
0 to 8192, halves to 4096 and so on. The idea is that of HDR histograms and of DDSketch (Masson, Rim & Lee 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DROPPED = 40  # bits of a double that a bin does not look at: 52 of the fraction less 12
WHOLE = 8192  # up to which each whole number is the edge of a bin
DENSE = 4  # possible bins for each value up to which counting in an array is worth it
_POSITIVE = np.int64(0x7FFF_FFFF_FFFF_FFFF)

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


def bin_of(values: Numbers) -> Whole:
    """The bin of each finite value; a larger value never has a smaller bin."""
    return _swapped((values + 0.0).view(np.int64)) >> DROPPED  # + 0.0 makes -0.0 the same as 0.0


def lower_edge(bins: Whole) -> Numbers:
    """The least value of each bin."""
    return _swapped(bins << DROPPED).view(np.float64)


def _swapped(bits: Whole) -> Whole:
    """Bits in the order of the doubles: those of negative ones rise downwards. Its own inverse."""
    return bits ^ ((bits >> 63) & _POSITIVE)


@dataclass(frozen=True)
class Counts:
    """The number of values in each of `bins`, which rise; bins without a value are not listed."""

    bins: Whole
    counts: Whole

    @classmethod
    def of(cls, bins: Whole, times: Whole | None = None) -> Counts:
        """Count the bins of all values, one or more in any order; each stands for `times` equal values (default: 1)."""
        first = bins.min()
        if bins.max() - first < DENSE * len(bins):
            counts = np.bincount(bins - first, times)  # several times as fast as sorting
            filled = np.flatnonzero(counts)
            return cls(filled + first, counts[filled].astype(np.int64))
        filled, place = np.unique(bins, return_inverse=True)
        return cls(filled, np.bincount(place, times).astype(np.int64))

    @classmethod
    def merged(cls, parts: Iterable[Counts]) -> Counts:
        """The counts of one or more parts together."""
        several = list(parts)
        counts = np.concatenate([part.counts for part in several])
        return cls.of(np.concatenate([part.bins for part in several]), counts)

    def quantile_bins(self, shares: Sequence[float]) -> Whole:
        """The bin of the least value up to which at least each share (above 0) of one or more values lies."""
        ends = np.cumsum(self.counts)
        # the product is rounded, so that .05 · 20 is the first value and not the second
        ranks = np.ceil(np.round(np.asarray(shares) * ends[-1], 6))
        return np.asarray(self.bins[np.searchsorted(ends, np.maximum(ranks, 1))])


def histogram(counts: Counts, bars: int) -> tuple[Numbers, Whole]:
    """`bars` + 1 rising edges or fewer, about equally far apart, and how many values lie between them.

    As in NumPy the last edge belongs to the last bar. Edges are those of bins, so the counts are exact. Those between
    whole numbers from 0 to WHOLE are whole and as far apart as each other, so that each bar counts as many numbers.
    There must be a value.
    """
    lowest = lower_edge(counts.bins)
    first, last = lowest[0], lower_edge(counts.bins[-1:] + 1)[0]
    wanted = np.linspace(first, last, bars + 1)
    if first >= 0 and lowest[-1] <= WHOLE and (lowest == np.rint(lowest)).all():
        step = np.ceil((last - first) / bars)
        wanted = np.arange(first, last + step, step)
    edges = np.unique(bin_of(wanted))
    edges[-1] = max(edges[-1], counts.bins[-1] + 1)
    inside = np.add.reduceat(np.append(counts.counts, 0), np.searchsorted(counts.bins, edges[:-1]))
    empty = np.searchsorted(counts.bins, edges[1:]) == np.searchsorted(counts.bins, edges[:-1])
    return lower_edge(edges), np.where(empty, 0, inside)
