"""The figures of a column that people read and rules limit, from its counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from domain.statistics.bins import histogram, lower_edge
from domain.statistics.columns import DAY, ColumnPart, Kind

QUANTILES = {"p01": 0.01, "p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
MOMENTS_AND_ORDER = ("min", "max", "mean", *QUANTILES)  # points of time, for a column of times
BARS = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Figures = dict[str, float | None]


def figures(part: ColumnPart) -> Figures:
    """All figures that are one number: shares of the rows, counts, and of numbers min … p99 (seconds for times).

    The standard deviation is divided by n - 1, in days for times. Quantiles are the least value up to which that share
    of the values lies, too low by 2⁻¹² of their size at most; of times, the day.
    """
    present = part.rows - part.missing
    by_name: Figures = {"missing": part.missing / part.rows if part.rows else 0.0}
    if part.kind in (Kind.TEXT, Kind.LIST):
        by_name["empty"] = part.empty / max(part.rows, 1)
    if part.kind is Kind.NUMBER:
        by_name["infinite"] = part.infinite / max(part.rows, 1)
    if part.distinct is not None:
        by_name["distinct"] = float(min(part.distinct.count, present))  # an estimate may be a little too high
    if part.bins is not None:
        by_name |= _of_numbers(part)
    if part.kind is Kind.TIME and part.bins is not None:
        by_name["months_without_data"] = float(len(months(part)[1]))
    by_name["orphans"] = part.orphans / max(present, 1)
    return by_name


def _of_numbers(part: ColumnPart) -> Figures:
    assert part.bins is not None
    n, is_time = part.moments.count, part.kind is Kind.TIME
    spread = float(np.sqrt(part.moments.comoments[0, 0] / (n - 1))) if n > 1 else None
    at = part.bins.quantile_bins(list(QUANTILES.values()))
    quantiles = at * float(DAY) if is_time else np.clip(lower_edge(at), part.low, part.high)
    return {
        "min": part.low,
        "max": part.high,
        "mean": float(part.moments.mean[0]),
        "std": spread / DAY if is_time and spread is not None else spread,
        **dict(zip(QUANTILES, map(float, quantiles), strict=True)),
    }


def months(part: ColumnPart) -> tuple[dict[str, int], list[str]]:
    """Rows by month of a column of times with one or more, and the months between the first and last without any."""
    assert part.bins is not None
    days = pd.to_datetime(part.bins.bins, unit="D").to_period("M").astype(str)
    by_month = pd.Series(part.bins.counts, index=days).groupby(level=0).sum()
    every = pd.period_range(by_month.index[0], by_month.index[-1], freq="M").astype(str)
    return {month: int(rows) for month, rows in by_month.items()}, [
        month for month in every if month not in by_month.index
    ]


def profile(name: str, type_: str, part: ColumnPart) -> dict[str, Any]:
    """The figures and the distribution of a column as JSON types; times are ISO 8601 in UTC."""
    is_time = part.kind is Kind.TIME
    shown = {
        key: iso(value) if is_time and key in MOMENTS_AND_ORDER else value
        for key, value in figures(part).items()
        if key not in ("missing", "orphans", "empty", "infinite")  # those are counts here
    }
    exact = part.distinct is None or part.distinct.is_exact
    counts = {"rows": part.rows, "missing": part.missing, "empty": part.empty, "infinite": part.infinite}
    about = {"column": name, "type": type_, "kind": str(part.kind), **counts, "orphans": part.orphans}
    return {**about, **shown, "distinct_is_exact": exact, "distribution": _distribution(part)}


def iso(seconds: float | None) -> str | None:
    """A time as ISO 8601, UTC, whole seconds."""
    return None if seconds is None else (EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _distribution(part: ColumnPart) -> dict[str, Any] | None:
    """Rows by value where there are few, by month for times, else between edges."""
    if part.bins is None:
        return None
    if part.kind is Kind.TIME:
        by_month, _ = months(part)
        return {"by": "month", "of": list(by_month), "rows": list(by_month.values())}
    if part.values is not None and (part.kind is Kind.NUMBER or len(part.values) <= BARS):
        of = sorted(part.values.items())
        return {"by": "value", "of": [value for value, _ in of], "rows": [rows for _, rows in of]}
    edges, rows = histogram(part.bins, BARS)
    measured = {Kind.TEXT: "length", Kind.LIST: "length"}.get(part.kind, "range")
    return {"by": measured, "of": edges.tolist(), "rows": rows.tolist()}
