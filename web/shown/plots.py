"""Parts that the figures of all pages share.

A `plot` is Plotly's own `{"data": [...], "layout": {...}}`; colours and fonts are put on in the browser (insights.js),
which knows whether the page is light or dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Response

from domain.figures.numbers import Numbers, numbers_of
from domain.figures.plots import Plot
from web.app.errors import NotFound

Columns = dict[str, list[Any]]
TOLD = 50  # rows of numbers on a page


@dataclass(frozen=True)
class Figure:
    """A figure, or with `plot` None the sentence that says why there is none; `name` is a part of addresses."""

    name: str
    title: str
    sentence: str
    plot: Plot | None

    @cached_property
    def numbers(self) -> Numbers:
        """The plotted numbers; none without a plot."""
        return numbers_of(self.plot) if self.plot else Numbers([], [])

    @property
    def told(self) -> list[list[Any]]:
        """The rows that are on the page; all are in the CSV."""
        return self.numbers.rows[:TOLD]


def numbers_file(figures: list[Figure], name: str) -> Response:
    """The numbers of the figure of that name as a CSV file.

    Raises:
        NotFound: there is no such figure, or it has no plot.
    """
    found = next((figure for figure in figures if figure.name == name and figure.plot), None)
    if found is None:
        there = ", ".join(figure.name for figure in figures if figure.plot) or "none"
        raise NotFound(f"There is no figure {name[:60]} here. Figures with numbers: {there}.")
    response = Response(found.numbers.csv(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def percent(part: float, whole: float) -> str:
    """The share in whole percent: "25 %"."""
    return f"{100 * part / whole:.0f} %" if whole else "0 %"
