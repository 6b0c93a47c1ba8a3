"""The plot of detect_outliers: rows by two features, and the lines of equal density."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from domain.figures.plots import LEGEND, LIMIT, axis, plain
from domain.figures.words import reason_in_words, words_of
from domain.statistics.feature_scales import Kind, Scale
from domain.statistics.gaussian import Gaussian
from domain.statistics.moments import Matrix
from spark_jobs.outliers.detectors import Detector
from spark_jobs.outliers.report import Outlier

GRID = 60  # points of a side of the contour plot
SCALE_WORDS = {Kind.LOG1P: "ln(1 + {})", Kind.BOX_COX: "Box-Cox of {}"}
META = {"text": "Row, and why", "z": "Density (power of ten)"}


def outlier_plot(
    detector: Detector, usual: Matrix, outliers: Sequence[Outlier], log_epsilon: float
) -> dict[str, Any] | None:
    """Plotly's data and layout: contours of log10 density of two features, rows as dots; or None.

    `usual` are some of all rows, × d raw values. Of more than two features those are drawn that make most rows
    outliers, and their marginal density. A forest has no density; its rows are shown without contours. A feature whose
    ln is taken stands on a logarithmic axis as it came, any other on its scale.
    """
    if len(detector.features) < 2:
        return None
    shown = _drawn(detector, outliers)
    scales = [detector.scales[at] for at in shown]
    unusual = np.array([row.values for row in outliers]).reshape(len(outliers), len(detector.features))
    points, apart = (_place(rows[:, list(shown)], scales) for rows in (usual, unusual))
    data = [_dots(points, scales, "rows (a sample)", {"size": 5, "opacity": 0.55})]
    names = [plain(f"{row.row_id}: {'; '.join(map(reason_in_words, row.reasons))}") for row in outliers]
    circles = {"size": 9, "symbol": "circle-open", "line": {"width": 2}}
    data.append({**_dots(apart, scales, "outliers", circles), "text": names})
    if isinstance(detector.model, Gaussian):
        data += _contours(detector, shown, np.vstack([points, apart]), log_epsilon)
    axes = [_axis(detector.features[at], scale) for at, scale in zip(shown, scales, strict=True)]
    layout = {"xaxis": axes[0], "yaxis": axes[1], "hovermode": "closest", "legend": LEGEND, "meta": META}
    return {"data": data, "layout": layout}


def _axis(feature: str, scale: Scale) -> dict[str, Any]:
    words = words_of(feature)
    if scale.kind is Kind.LOG:
        return axis(plain(f"{words.title}, logarithmic"), type="log")
    if scale.kind in SCALE_WORDS:
        return axis(plain(SCALE_WORDS[scale.kind].format(words.said)))
    return axis(plain(words.title))


def _drawn(detector: Detector, outliers: Sequence[Outlier]) -> tuple[int, int]:
    """The two features that are named most often as a first reason, else the first ones."""
    named = [
        next(at for at, name in enumerate(detector.features) if outlier.reasons[0].startswith(f"{name} "))
        for outlier in outliers
    ]
    counts = np.bincount(named, minlength=len(detector.features))
    first, second = sorted(np.argsort(-counts, kind="stable")[:2].tolist())
    return first, second


def _place(rows: Matrix, scales: Sequence[Scale]) -> Matrix:
    return np.column_stack([scale(rows[:, at]) for at, scale in enumerate(scales)])


def _contours(detector: Detector, shown: tuple[int, int], points: Matrix, log_epsilon: float) -> list[dict[str, Any]]:
    """Lines of equal density, and with two features the threshold among them."""
    assert isinstance(detector.model, Gaussian)
    points = points[np.isfinite(points).all(axis=1)]
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.05 * (high - low)
    sides = [np.linspace(low[at] - margin[at], high[at] + margin[at], GRID) for at in (0, 1)]
    grid = np.column_stack([part.ravel() for part in np.meshgrid(*sides)])
    log10 = detector.model.marginal(shown).log_density(grid).reshape(GRID, GRID) / math.log(10)
    x, y = (_as_drawn(side, detector.scales[at]) for side, at in zip(sides, shown, strict=True))
    base = {"type": "contour", "x": x, "y": y, "z": np.round(log10, 2).tolist(), "hoverinfo": "skip"}
    top = float(log10.max())
    lines = {"coloring": "lines", "start": top - 24, "end": top, "size": 2}
    data = [{**base, "contours": lines, "showscale": False, "name": "equal density", "ncontours": 12}]
    if len(detector.features) == 2 and math.isfinite(log_epsilon):
        at = {"type": "constraint", "operation": "=", "value": log_epsilon / math.log(10)}
        line = {"width": 2, "dash": "dash"}
        data.append({**base, "contours": at, "line": line, "name": "threshold", "showlegend": True, "meta": LIMIT})
    return data


def _dots(points: Matrix, scales: Sequence[Scale], name: str, marker: dict[str, Any]) -> dict[str, Any]:
    x, y = (_as_drawn(points[:, at], scale) for at, scale in enumerate(scales))
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name, "marker": marker}


def _as_drawn(values: Matrix, scale: Scale) -> list[Any]:
    """Values on their scale, those of an ln as they came: their axis is logarithmic."""
    if scale.kind is not Kind.LOG:
        return _rounded(values)
    return [float(f"{value:.6g}") for value in np.exp(np.where(np.isfinite(values), values, 0.0))]


def _rounded(values: Matrix) -> list[Any]:
    return np.round(np.where(np.isfinite(values), values, 0.0), 5).tolist()
