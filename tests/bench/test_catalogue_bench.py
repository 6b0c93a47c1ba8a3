"""How the slowest hundredths of two catalogues are compared."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tests.bench.catalogue import WARM_UP, measured, ratio_interval


class Asked:
    """A catalogue whose answers take so many milliseconds."""

    def __init__(self, name: str, took: float, order: list[str]) -> None:
        self.name, self.took, self.order = name, took, order

    def ask(self, kind: str, draw: random.Random) -> float:
        self.order.append(self.name)
        return self.took


def test_both_are_asked_as_often_and_each_first_every_other_time() -> None:
    order: list[str] = []
    sites: Any = [Asked("small", 2.0, order), Asked("large", 3.0, order)]
    line = measured("genre", sites, 4)
    assert order == (["small", "large", "large", "small"] * (WARM_UP + 4))[: 2 * (WARM_UP + 4)]
    assert line.split() == ["genre", "2.0", "3.0", "2.0", "3.0", "1.50", "1.50", "…", "1.50"]


def test_the_interval_of_a_ratio_holds_it() -> None:
    times = np.random.default_rng(3).exponential(1.0, (1000, 2)) * [1.0, 2.0]
    low, high = ratio_interval(times)
    assert 1.0 < low < 2.0 < high < 3.0
