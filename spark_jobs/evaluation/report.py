"""What evaluate found, as JSON, CSV, a plot and a table for the terminal."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.colors import qualitative
from plotly.subplots import make_subplots

from domain.contract.files import write_json
from spark_jobs.storage.text_table import aligned

COLUMNS = 2  # of plots side by side
TITLE = ("protocol", "data", "test_share", "relevant_from", "seed", "confidence")  # what a plot cannot be read without


@dataclass(frozen=True)
class Figure:
    """One measured value of one model; low and high are its interval, None where none is computed."""

    model: str
    figure: str  # such as ndcg@10
    value: float | None  # None where it has no value, such as the novelty of no list at all
    low: float | None
    high: float | None


def figure(model: str, name: str, value: float, low: float = math.nan, high: float = math.nan) -> Figure:
    """A Figure whose missing numbers are None, as JSON has no nan."""
    known = [None if math.isnan(number) else float(number) for number in (value, low, high)]
    return Figure(model, name, *known)


def write(folder: Path, about: dict[str, Any], figures: Sequence[Figure]) -> None:
    """evaluate.json, evaluate.csv and evaluate.html in `folder`; `about` says how the figures were measured."""
    write_json(folder / "evaluate.json", {**about, "figures": [asdict(found) for found in figures]})
    with (folder / "evaluate.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        constant = {name: value for name, value in about.items() if isinstance(value, str | int | float)}
        rows.writerow([*Figure.__dataclass_fields__, *constant])
        rows.writerows([*asdict(found).values(), *constant.values()] for found in figures)
    plot(about, figures).write_html(folder / "evaluate.html", include_plotlyjs=True)


def plot(about: dict[str, Any], figures: Sequence[Figure]) -> go.Figure:
    """One bar chart for each figure, a bar for each model in its colour, whiskers where there is an interval."""
    models = list(dict.fromkeys(found.model for found in figures))
    names = list(dict.fromkeys(found.figure for found in figures))
    drawn = make_subplots(rows=-(-len(names) // COLUMNS), cols=COLUMNS, subplot_titles=names)
    for place, name in enumerate(names):
        shown = [found for found in figures if found.figure == name and found.value is not None]
        drawn.add_bar(
            x=[found.model for found in shown],
            y=[found.value for found in shown],
            marker_color=[qualitative.Safe[models.index(found.model)] for found in shown],
            error_y={
                "type": "data",
                "visible": any(found.low is not None for found in shown),
                "symmetric": False,
                "array": [_reach(found.value, found.high) for found in shown],
                "arrayminus": [_reach(found.value, found.low) for found in shown],
            },
            row=place // COLUMNS + 1,
            col=place % COLUMNS + 1,
        )
    said = ", ".join(f"{name.replace('_', ' ')} {about[name]}" for name in TITLE if name in about)
    drawn.update_yaxes(rangemode="tozero")
    return drawn.update_layout(
        title=f"evaluate: {said}",
        showlegend=False,
        template="plotly_white",
        height=260 * -(-len(names) // COLUMNS) + 120,
    )


def table(figures: Sequence[Figure]) -> str:
    """A line for each figure, a column for each model; in brackets the interval."""
    models = list(dict.fromkeys(found.model for found in figures))
    names = list(dict.fromkeys(found.figure for found in figures))
    cells = {(found.figure, found.model): _cell(found) for found in figures}
    return aligned([["", *models], *([name, *(cells.get((name, model), "") for model in models)] for name in names)])


def _cell(found: Figure) -> str:
    if found.value is None:
        return "–"
    bracket = "" if found.low is None or found.high is None else f" [{found.low:.4f}, {found.high:.4f}]"
    return f"{found.value:.4f}{bracket}"


def _reach(value: float | None, end: float | None) -> float:
    return 0.0 if value is None or end is None else abs(end - value)
