"""Two ways of one thing, timed in turns, so that what disturbs the machine disturbs both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Timed = Callable[[], float]  # does the work; seconds, or any cost that is better when lower


@dataclass(frozen=True)
class Comparison:
    """What `ours` and `theirs` cost in each turn, in `unit`."""

    name: str
    unit: str
    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """How many times as much theirs cost, turn by turn, rising."""
        return sorted(theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True))

    def line(self) -> str:
        """A row of the table."""
        lowest, middle, highest = self.ratios[0], median(self.ratios), self.ratios[-1]
        costs = f"{median(self.ours):12.4g} {median(self.theirs):12.4g} {self.unit:<16}"
        return f"{self.name:<52} {costs} {lowest:8.2f} {middle:8.2f} {highest:8.2f}"


HEAD = f"{'':<52} {'ours':>12} {'theirs':>12} {'':<16} {'min':>8} {'median':>8} {'max':>8}"


def compare(name: str, ours: Timed, theirs: Timed, turns: int, unit: str = "s") -> Comparison:
    """Run both `turns` times, one after the other."""
    rows = [(ours(), theirs()) for _ in range(turns)]
    return Comparison(name, unit, [row[0] for row in rows], [row[1] for row in rows])


def seconds(work: Callable[[], object]) -> float:
    """How long the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
