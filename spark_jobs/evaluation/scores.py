"""The scores of several models on one split or on the folds of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from domain.evaluation.trial import Tally, Truth, merged
from domain.statistics.bootstrap import Interval, intervals
from spark_jobs.evaluation.comparison import Comparison, Lists
from spark_jobs.evaluation.report import Figure, figure


class Scores:
    """Collects what models are worth, split by split, and sums it up."""

    def __init__(self, ks: Sequence[int]) -> None:
        self.ks = ks
        self.splits: list[dict[str, Any]] = []
        self.lists: dict[str, list[Tally]] = defaultdict(list)
        self.spreads: dict[str, list[dict[str, float]]] = defaultdict(list)
        self.stars: dict[str, list[Tally]] = defaultdict(list)

    def start(self, comparison: Comparison) -> None:
        """Note the sizes of the next split."""
        sizes = {"training": comparison.training, "held_out": comparison.held_out}
        self.splits.append({**sizes, "users": len(comparison.truth.users), "movies": len(comparison.truth.movies)})

    def add_lists(self, model: str, lists: Lists, truth: Truth) -> None:
        """Measure a model's lists on the split."""
        self.lists[model].append(truth.tally(lists, self.ks))
        self.spreads[model].append(truth.spread(lists, self.ks))

    def add_stars(self, errors: dict[str, Tally]) -> None:
        """Add the errors of models that predict stars, on the split."""
        for model, tally in errors.items():
            self.stars[model].append(tally)

    def figures(self, samples: int, confidence: float, seed: int) -> list[Figure]:
        """All figures of all models, each over all splits: means over users by (user, split), over ratings by rating.

        Coverage and Gini index belong to no user: they have no interval, and are means over the splits.
        """
        figures = []
        for model, tallies in self.lists.items():
            figures += [figure(model, *numbers) for numbers in _sampled(merged(tallies), samples, confidence, seed)]
            spreads = self.spreads[model]
            figures += [
                figure(model, name, float(np.mean([numbers[name] for numbers in spreads]))) for name in spreads[0]
            ]
        for model, tallies in self.stars.items():
            for name, *numbers in _sampled(merged(tallies), samples, confidence, seed):
                rooted = np.sqrt(numbers) if name == "rmse" else numbers
                figures.append(figure(model, name, *rooted))
        return figures


def _sampled(tally: Tally, samples: int, confidence: float, seed: int) -> list[tuple[str, float, float, float]]:
    """Name, value, low and high of each figure."""
    sums, counts = (np.column_stack(list(part.values())) for part in (tally.sums, tally.counts))
    sampled: list[Interval] = intervals(sums, counts, samples, confidence, seed)
    return [
        (name, interval.value, interval.low, interval.high) for name, interval in zip(tally.sums, sampled, strict=True)
    ]
