"""The gate before publishing: the reasons why a model may not take the place of the active one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BASELINE = "ndcg@10.popular"


def objections(candidate: Mapping[str, Any], active: Mapping[str, Any] | None, tolerance: float) -> list[str]:
    """Reasons against publishing `candidate` in place of `active`, with their figures; none when it may.

    It must rank at least as well as «most popular» and, where the active model was measured on the same hold-out of the
    same data, at least (1 - tolerance) times as well as that one. Figures of different hold-outs are not comparable.
    Where there were too few ratings to measure anything on, nothing speaks against it.

    Args:
        candidate, active: with dataset_id, holdout and metrics, as in a model's model.json.
        tolerance: share of the active model's nDCG@10 that may be lost; training with another seed moves it too.
    """
    measured, baseline = measure_of(candidate), candidate["metrics"].get(BASELINE)
    if measured is None or baseline is None:
        return []
    against = []
    if measured < baseline:
        against.append(f"its nDCG@10 of {measured:.4f} is below that of most popular, {baseline:.4f}")
    before = measure_of(active) if active is not None and _same_holdout(candidate, active) else None
    if before is not None:
        least = (1.0 - tolerance) * before
        if measured < least:
            against.append(
                f"its nDCG@10 of {measured:.4f} is below {least:.4f},"
                f" that of the active model ({before:.4f}) less a tolerance of {tolerance:.0%}"
            )
    return against


def measure_of(about: Mapping[str, Any]) -> float | None:
    """The nDCG@10 of what a model publishes, None where it was not measured; models before the blend were ALS."""
    value = about["metrics"].get(f"ndcg@10.{about.get('model', 'als')}")
    return None if value is None else float(value)


def _same_holdout(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("dataset_id", "holdout"))
