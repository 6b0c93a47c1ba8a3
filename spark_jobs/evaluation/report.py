"""Figures of evaluate as JSON, CSV, a plot and a table for the terminal."""

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
STARS = ("rmse", "mae")  # figures of models that predict stars
TITLE = ("protocol", "data", "test_share", "relevant_from", "seed", "confidence")  # what a plot cannot be read without


@dataclass(frozen=True)
class Figure:
    """One measured value of one model; low and high are its interval, None where none is computed."""

    model: str
    figure: str  # such as ndcg@10
    value: float | None  # None where it has no value, such as the novelty of no list at all
    low: float | None
    high: float | None


def best(figures: Sequence[Figure]) -> str:
    """The nDCG of the models' longest lists, and their RMSE, the best first."""
    measured = [one for one in figures if one.value is not None]
    longest = max((one.figure for one in measured if one.figure.startswith("ndcg@")), key=_length, default="ndcg@")
    told = []
    for name, sign in ((longest, -1.0), ("rmse", 1.0)):
        of_models = sorted((sign * float(one.value or 0.0), one.model) for one in measured if one.figure == name)
        if of_models:
            told.append(f"{name}: " + ", ".join(f"{model} {sign * value:.4f}" for value, model in of_models))
    return "; ".join(told) or "nothing could be measured"


def _length(figure: str) -> int:
    return int(figure.split("@")[1])


def figure(model: str, name: str, value: float, low: float = math.nan, high: float = math.nan) -> Figure:
    """A Figure whose missing numbers are None, as JSON has no nan."""
    numbers = [None if math.isnan(number) else float(number) for number in (value, low, high)]
    return Figure(model, name, *numbers)


def write(folder: Path, about: dict[str, Any], figures: Sequence[Figure]) -> None:
    """evaluate.json, evaluate.csv and evaluate.html in `folder`; `about` says how the figures were measured."""
    write_json(folder / "evaluate.json", {**about, "figures": [asdict(figure) for figure in figures]})
    with (folder / "evaluate.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        constant = {name: value for name, value in about.items() if isinstance(value, str | int | float)}
        rows.writerow([*Figure.__dataclass_fields__, *constant])
        rows.writerows([*asdict(figure).values(), *constant.values()] for figure in figures)
    plot(about, figures).write_html(folder / "evaluate.html", include_plotlyjs=True)


def plot(about: dict[str, Any], figures: Sequence[Figure]) -> go.Figure:
    """One bar chart for each figure, a bar for each model in its colour, whiskers where there is an interval."""
    models = list(dict.fromkeys(figure.model for figure in figures))
    names = list(dict.fromkeys(figure.figure for figure in figures))
    drawn = make_subplots(rows=-(-len(names) // COLUMNS), cols=COLUMNS, subplot_titles=names)
    for place, name in enumerate(names):
        shown = [figure for figure in figures if figure.figure == name and figure.value is not None]
        drawn.add_bar(
            x=[figure.model for figure in shown],
            y=[figure.value for figure in shown],
            marker_color=[qualitative.Safe[models.index(figure.model)] for figure in shown],
            error_y={
                "type": "data",
                "visible": any(figure.low is not None for figure in shown),
                "symmetric": False,
                "array": [_reach(figure.value, figure.high) for figure in shown],
                "arrayminus": [_reach(figure.value, figure.low) for figure in shown],
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
    """A table for models that rank, one for those that predict stars: lines are figures, columns are models.

    In brackets is the interval.
    """
    of_stars = [figure for figure in figures if figure.figure in STARS]
    others = [figure for figure in figures if figure.figure not in STARS]
    return "\n\n".join(_table(name, some) for name, some in (("lists", others), ("stars", of_stars)) if some)


def _table(title: str, figures: Sequence[Figure]) -> str:
    models = list(dict.fromkeys(figure.model for figure in figures))
    names = list(dict.fromkeys(figure.figure for figure in figures))
    cells = {(figure.figure, figure.model): _cell(figure) for figure in figures}
    return aligned([[title, *models], *([name, *(cells.get((name, model), "") for model in models)] for name in names)])


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    bracket = "" if figure.low is None or figure.high is None else f" [{figure.low:.4f}, {figure.high:.4f}]"
    return f"{figure.value:.4f}{bracket}"


def _reach(value: float | None, end: float | None) -> float:
    return 0.0 if value is None or end is None else abs(end - value)
