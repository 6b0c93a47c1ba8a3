"""The band in which the history of a figure lets one expect the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

ROUNDING = 1e-9  # of the figure: sums of floating-point numbers differ by this much without a reason


@dataclass(frozen=True)
class Band:
    """mean ± `sigmas` sample standard deviations of a figure's history."""

    low: float
    high: float
    mean: float

    @classmethod
    def of(cls, history: Sequence[float], sigmas: float) -> Band:
        """The band of two or more earlier values. Where all are the same, it is that value alone.

        Raises:
            statistics.StatisticsError: there are fewer.
        """
        mean = fmean(history)
        reach = sigmas * stdev(history) + ROUNDING * abs(mean)
        return cls(mean - reach, mean + reach, mean)

    def has(self, value: float) -> bool:
        """Whether the value lies within."""
        return self.low <= value <= self.high
