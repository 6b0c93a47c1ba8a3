"""The figures of a report on drift: shares of both sides by feature, then the months."""

from __future__ import annotations

from typing import Any

import pandas as pd

from domain.figures.plots import LEGEND, axis, figure, plain
from domain.figures.words import FEATURES

WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")  # by Spark's number, less one
SIDES = {"reference": "before", "recent": "recent"}
UNITS = {"rating": "{} stars", "hour": "{}:00 UTC"}  # how a sentence says a category
MONTH = axis("Month (UTC)", type="date")


def drift_figures(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, title, sentence and plot of each figure."""
    categories = pd.DataFrame(report["categories"])
    drawn = [_shares(str(feature), rows) for feature, rows in categories.groupby("feature", sort=False)]
    months = pd.DataFrame(report["months"])
    return [*drawn, _means(months), _distances(months.dropna(subset=["psi"]))]


def _shares(feature: str, rows: pd.DataFrame) -> dict[str, Any]:
    labels = [WEEKDAYS[int(at)] for at in rows["value"]] if feature == "weekday" else rows["category"].tolist()
    shares = {side: (100 * rows[side] / max(rows[side].sum(), 1)).round(3).tolist() for side in SIDES}
    bars = [
        {"type": "bar", "name": name, "x": [plain(str(label)) for label in labels], "y": shares[side]}
        for side, name in SIDES.items()
    ]
    said = FEATURES[feature]
    layout = {"xaxis": axis(said.title, type="category"), "yaxis": axis("Share of the ratings (%)")}
    sentence = _moved([UNITS.get(feature, "{}").format(label) for label in labels], *shares.values())
    return figure(f"Ratings by {said.said}", sentence, bars, barmode="group", legend=LEGEND, **layout)


def _moved(labels: list[str], before: list[float], recent: list[float]) -> str:
    """Which share has changed most."""
    apart = [abs(a - b) for a, b in zip(before, recent, strict=True)]
    at = apart.index(max(apart))
    if apart[at] < 0.05:
        return "No share has changed by a tenth of a percentage point."
    way = "up" if recent[at] > before[at] else "down"
    return f"The largest change: {labels[at]}, {way} from {before[at]:.1f} % to {recent[at]:.1f} % of the ratings."


def _means(months: pd.DataFrame) -> dict[str, Any]:
    line = {
        **{"type": "scatter", "mode": "lines"},
        **{"x": months["month"].tolist(), "y": months["mean"].round(4).tolist()},
    }
    low, high = months.loc[months["mean"].idxmin()], months.loc[months["mean"].idxmax()]
    sentence = (
        f"The mean lies between {low['mean']:.2f} stars ({low['month']}) and {high['mean']:.2f} ({high['month']}); "
        "months with few ratings swing most."
    )
    return figure("Mean rating by month", sentence, [line], xaxis=MONTH, yaxis=axis("Mean rating (stars)"))


def _distances(months: pd.DataFrame) -> dict[str, Any]:
    """`months` are those with ratings enough; there may be none."""
    psi = months["psi"].astype(float).round(4).tolist()  # none at all are objects
    dots = {"type": "scatter", "mode": "lines+markers", "x": months["month"].tolist(), "y": psi}
    sentence = "No month has ratings enough to be compared."
    if psi:
        sentence = f"The higher, the less the stars of a month are like those before the cut. Highest: {max(psi):.2f}"
        sentence += f" in {months['month'].iloc[psi.index(max(psi))]}; from 0.1 it is worth watching."
    y = axis("Distance from before (PSI)")
    return figure("Drift of the stars by month", sentence, [dots], xaxis=MONTH, yaxis=y)
