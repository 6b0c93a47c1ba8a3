"""Report of detect_outliers: words for the terminal, CSV, JSON and a plot, and rows for Cassandra."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from domain.contract.lights import Light
from domain.contract.report_files import files_of
from domain.statistics.gaussian import Gaussian
from spark_jobs.outliers.detectors import Detector, Fitted
from spark_jobs.outliers.epsilon import Below, Epsilon, threshold_words
from spark_jobs.outliers.subjects import Subject
from spark_jobs.storage.record import Run
from spark_jobs.storage.text_table import aligned

REASONS = 3
LEAST_SHARE = 0.1  # of a row's distance that makes a feature a reason
PRINTED = 50


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
