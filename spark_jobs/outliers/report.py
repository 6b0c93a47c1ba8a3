"""Report of detect_outliers: words for the terminal, CSV, JSON and a plot, and rows for Cassandra."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from domain.contract.lights import Light
from domain.contract.report_files import files_of
from domain.statistics.feature_scales import Kind, Scale
from domain.statistics.gaussian import Gaussian
from domain.statistics.moments import Matrix
from spark_jobs.outliers.detectors import Detector, Fitted
from spark_jobs.outliers.epsilon import Below, Epsilon, threshold_words
from spark_jobs.outliers.subjects import Subject
from spark_jobs.storage.record import Run
from spark_jobs.storage.text_table import aligned

REASONS = 3
LEAST_SHARE = 0.1  # of a row's distance that makes a feature a reason
GRID = 60  # points of a side of the contour plot
PRINTED = 50
SCALE_WORDS = {Kind.PLAIN: "{}", Kind.LOG: "ln {}", Kind.LOG1P: "ln(1 + {})", Kind.BOX_COX: "Box-Cox of {}"}


@dataclass(frozen=True)
class Outlier:
    """A row below epsilon: its `values` by feature as they came, and why in words, the strongest reason first."""

    place: int
    row_id: str
    score: float
    values: tuple[float, ...]
    reasons: tuple[str, ...]


def explained_outlier(
    detector: Detector, place: int, row_id: str, score: float, values: Sequence[float], contributions: Sequence[float]
) -> Outlier:
    """One row of the list."""
    return Outlier(place, row_id, score, tuple(values), strongest_reasons(detector, values, contributions))


def strongest_reasons(detector: Detector, values: Sequence[float], contributions: Sequence[float]) -> tuple[str, ...]:
    """Up to REASONS features that add most to the row's distance, with value and standard deviations from the mean."""
    added = np.where(np.isposinf(contributions), 1e300, np.maximum(contributions, 0.0))
    strongest = np.argsort(-added, kind="stable")[:REASONS]
    total = added.sum() or 1.0
    apart = _apart(detector, values)
    chosen = [int(at) for at in strongest if at == strongest[0] or added[at] >= LEAST_SHARE * total]
    return tuple(f"{detector.features[at]} {values[at]:.6g}{apart[at]}" for at in chosen)


def _apart(detector: Detector, values: Sequence[float]) -> list[str]:
    scaled = [float(scale(np.array([value]))[0]) for scale, value in zip(detector.scales, values, strict=True)]
    if not isinstance(detector.model, Gaussian):
        return [f" (median {middle:.4g})" for middle in detector.model.medians]
    deviations = detector.model.standardized(np.array([scaled]))[0]
    return [f" ({z:+.1f} sd)" if math.isfinite(z) else " (outside its scale)" for z in deviations]


def outlier_summary(
    run: Run, name: str, subject: Subject, fitted: Fitted, chosen: Epsilon, below: Mapping[str, Below]
) -> dict[str, Any]:
    """Everything but the rows, as JSON types; adds the figures to the run's record. `below` is by search."""
    outliers, rows, model = run.counts["outliers"], run.counts["rows"], fitted.detector.model
    measured = {
        name: {**vars(threshold), "epsilon": _epsilon(fitted.detector, threshold.log_epsilon), **asdict(below[name])}
        for name, threshold in chosen.by_search.items()
    }
    word, limit = threshold_words(fitted.detector, chosen.log_epsilon)
    if used := chosen.by_search.get(chosen.how):
        run.metric("f1", used.f1)
    if chosen.auroc is not None:
        run.metric("auroc", chosen.auroc)
    return {
        "run_id": run.run_id,
        "generated": run.generated,
        "subject": name,
        "source": subject.source,
        "row_is": subject.table.row_is,
        "method": fitted.detector.method,
        "features": list(fitted.detector.features),
        "scales": [scale.as_json() for scale in fitted.detector.scales],
        "constant": list(fitted.constant),
        "ridge": model.ridge if isinstance(model, Gaussian) else None,
        "rows": rows,
        "incomplete": fitted.incomplete,
        "outliers": outliers,
        "log_epsilon": chosen.log_epsilon,
        "epsilon": _epsilon(fitted.detector, chosen.log_epsilon),
        "epsilon_by": chosen.how,
        "searches": measured,
        "auroc": chosen.auroc,
        "sentence": f"{outliers:,} of {rows:,} rows lie below {word if word == 'epsilon' else f'the score {limit}'}",
        "verdict": Light.WATCH if outliers else Light.GOOD,
    }


def _epsilon(detector: Detector, score: float) -> str | None:
    word, value = threshold_words(detector, score)
    return value if word == "epsilon" else None


def outlier_text(
    report: dict[str, Any],
    detector: Detector,
    chosen: Epsilon,
    below: Mapping[str, Below],
    outliers: Sequence[Outlier],
) -> str:
    """The words that the job prints: what each search is worth and finds, then the list of the one in use."""
    lines = [f"model: {detector.method} on {', '.join(detector.features)}; {report['rows']:,} rows"]
    for name, rows in below.items():
        threshold = chosen.by_search.get(name)
        word, value = threshold_words(detector, threshold.log_epsilon if threshold else chosen.log_epsilon)
        worth = (
            f"  F1: {threshold.f1:.6f}  precision: {threshold.precision:.4f}  recall: {threshold.recall:.4f}"
            if threshold
            else ""
        )
        used = "  <- used" if threshold and name == chosen.how else ""
        lines.append(f"{word} ({name}): {value}{worth}  outliers: {rows.outliers:,}{used}")
        more = rows.outliers - len(rows.row_ids)
        lines.append(f"  rows: {', '.join(rows.row_ids) or 'none'}{f' and {more:,} more' if more else ''}")
    if chosen.auroc is not None:
        lines.append(f"AUROC: {chosen.auroc:.6f}")
    lines.append(f"outliers: {report['outliers']:,} of {report['rows']:,} rows")
    if outliers:
        lines += [f"row: {report['row_is']}", _table(detector, outliers)]
    if report["outliers"] > min(len(outliers), PRINTED):
        lines.append(f"... {report['outliers'] - min(len(outliers), PRINTED):,} more in the report")
    return "\n".join(lines)


def outlier_row(outlier: Outlier) -> dict[str, Any]:
    """A row of the table outliers_by_run, without the run."""
    reasons, values = list(outlier.reasons), list(outlier.values)
    fields = {"place": outlier.place, "row_id": outlier.row_id, "score": outlier.score}
    return {**fields, "reasons": reasons, "values": values}


def _table(detector: Detector, outliers: Sequence[Outlier]) -> str:
    """The first PRINTED outliers for the terminal."""
    lines = [["row", "ln p" if isinstance(detector.model, Gaussian) else "score", *detector.features, "because"]]
    for outlier in outliers[:PRINTED]:
        values = (f"{value:.6g}" for value in outlier.values)
        lines.append([outlier.row_id, f"{outlier.score:.4f}", *values, "; ".join(outlier.reasons)])
    return aligned(lines)


def write_outliers(folder: Path, report: dict[str, Any], outliers: Sequence[Outlier]) -> None:
    """outliers.csv, outliers.json, outliers.html."""
    for name, make in files_of("outliers", report, get_plotlyjs, [vars(outlier) for outlier in outliers]).items():
        (folder / name).write_text(make(), encoding="utf-8", newline="")


def outlier_plot(
    detector: Detector, usual: Matrix, outliers: Sequence[Outlier], log_epsilon: float
) -> dict[str, Any] | None:
    """Plotly's data and layout: contours of log10 density of two features on their scales, rows as dots; or None.

    `usual` are some of all rows, × d raw values. Of more than two features those are drawn that make most rows
    outliers, and their marginal density. A forest has no density; its rows are shown without contours.
    """
    if len(detector.features) < 2:
        return None
    shown = _drawn(detector, outliers)
    scales = [detector.scales[at] for at in shown]
    unusual = np.array([row.values for row in outliers]).reshape(len(outliers), len(detector.features))
    points, apart = (_place(rows[:, list(shown)], scales) for rows in (usual, unusual))
    data: list[dict[str, Any]] = []
    if isinstance(detector.model, Gaussian):
        data += _contours(detector, shown, np.vstack([points, apart]), log_epsilon)
    data.append(_dots(points, "rows", {"size": 5, "opacity": 0.55}))
    names = [html.escape(f"{row.row_id}: {'; '.join(row.reasons)}", quote=False) for row in outliers]
    crosses = {"size": 9, "symbol": "circle-open", "color": "#d9480f", "line": {"width": 2}}
    data.append({**_dots(apart, "outliers", crosses), "text": names})
    titles = [SCALE_WORDS[scale.kind].format(detector.features[at]) for at, scale in zip(shown, scales, strict=True)]
    axes = [{"title": {"text": html.escape(title, quote=False)}} for title in titles]
    legend = {"orientation": "h", "y": 1.12}
    return {"data": data, "layout": {"xaxis": axes[0], "yaxis": axes[1], "hovermode": "closest", "legend": legend}}


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
    assert isinstance(detector.model, Gaussian)
    points = points[np.isfinite(points).all(axis=1)]
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.05 * (high - low)
    x, y = (np.linspace(low[at] - margin[at], high[at] + margin[at], GRID) for at in (0, 1))
    grid = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    log10 = detector.model.marginal(shown).log_density(grid).reshape(GRID, GRID) / math.log(10)
    base = {"type": "contour", "x": _rounded(x), "y": _rounded(y), "z": _rounded(log10), "hoverinfo": "skip"}
    top = float(log10.max())
    lines = {"coloring": "lines", "start": top - 24, "end": top, "size": 2}
    colours = [[0, "#adb5bd"], [1, "#1c7ed6"]]
    data = [{**base, "contours": lines, "colorscale": colours, "showscale": False, "name": "density", "ncontours": 12}]
    if len(detector.features) == 2 and math.isfinite(log_epsilon):
        at = {"type": "constraint", "operation": "=", "value": log_epsilon / math.log(10)}
        line = {"color": "#d9480f", "width": 2, "dash": "dash"}
        data.append({**base, "contours": at, "line": line, "name": "epsilon", "showlegend": True})
    return data


def _dots(points: Matrix, name: str, marker: dict[str, Any]) -> dict[str, Any]:
    x, y = (_rounded(points[:, at]) for at in (0, 1))
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name, "marker": marker}


def _rounded(values: Matrix) -> list[Any]:
    return np.round(np.where(np.isfinite(values), values, 0.0), 5).tolist()
