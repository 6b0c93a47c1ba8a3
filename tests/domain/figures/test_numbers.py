"""The numbers of plots of all kinds as tables, and as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from domain.figures.numbers import Numbers, numbers_of
from domain.figures.plots import axis
from tests.support.figures import assert_csv_keeps


def plot(*traces: dict[str, Any], **layout: Any) -> dict[str, Any]:
    return {"data": list(traces), "layout": {"xaxis": axis("Month"), "yaxis": axis("Ratings"), **layout}}


def bar(**values: Any) -> dict[str, Any]:
    return {"type": "bar", **values}


CASES = {
    "bars": (plot(bar(x=["a", "b"], y=[1, 2], text=[1, 2])), ["Month", "Ratings"], [["a", 1], ["b", 2]]),
    "flat bars": (plot(bar(x=[5], y=["&lt;b&gt;"], orientation="h")), ["Ratings", "Month"], [["<b>", 5]]),
    "ranges": (
        plot(bar(x=[1.0, 3.0], y=[7, 8], width=[2.0, 2.0])),
        ["Month, from", "Month, below", "Ratings"],
        [[0.0, 2.0, 7], [2.0, 4.0, 8]],
    ),
    "a box": (
        plot({"type": "box", "x": [9, 1], "text": ["A &amp; B", "C"]}, meta={"text": "Movie"}),
        ["Month", "Movie"],
        [[9, "A & B"], [1, "C"]],
    ),
    "lines over the same places": (
        plot({"name": "was", "x": [1, 2], "y": [3, 4]}, {"name": "will be", "x": [2, 3], "y": [4, 5]}),
        ["Month", "Ratings: was", "Ratings: will be"],
        [[1, 3, None], [2, 4, 4], [3, None, 5]],
    ),
    "dots with names, and lines of equal density": (
        plot(
            {"type": "contour", "name": "density", "x": [1, 2], "y": [5], "z": [[0.1, 0.2]]},
            {"type": "contour", "x": [1, 2], "y": [5], "z": [[0.1, 0.2]], "contours": {"type": "constraint"}},
            {"type": "scatter", "name": "rows", "x": [1, 1], "y": [2, 3]},
            {"type": "scatter", "name": "odd", "x": [9], "y": [9], "text": ["row 4"]},
        ),
        ["Series", "Month", "Ratings", "Value", "Name"],
        [
            ["odd", 9, 9, None, "row 4"],
            ["rows", 1, 2, None, None],
            ["rows", 1, 3, None, None],
            ["density", 1, 5, 0.1, None],
            ["density", 2, 5, 0.2, None],
        ],
    ),
    "a heat map without axes of its own": (
        plot({"type": "heatmap", "z": [[1, 2], [3, 4]]}),
        ["Month", "Ratings", "Value"],
        [[0, 0, 1], [1, 0, 2], [0, 1, 3], [1, 1, 4]],
    ),
    "axes of the same name": (
        plot(bar(x=[1], y=[2]), xaxis=axis("a"), yaxis=axis("a")),
        ["a (x)", "a (y)"],
        [[1, 2]],
    ),
    "nothing": (plot(), [], []),
    "a trace without numbers": (plot(bar()), [], []),
}


@pytest.mark.parametrize("name", CASES)
def test_every_plotted_number_is_in_a_row_under_a_title(name: str) -> None:
    drawn, columns, rows = CASES[name]
    numbers = numbers_of(drawn)
    assert (numbers.columns, numbers.rows) == (columns, rows)
    if rows:
        assert_csv_keeps(numbers)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd", "'-cmd"),
        ("\t=1", "'\t=1"),
        ("+44 is a number of a telephone", "'+44 is a number of a telephone"),
        ("-5", "-5"),
        (-5.25, "-5.25"),
        (None, ""),
        ('a "b", c', 'a "b", c'),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_text_is_never_a_formula_and_a_number_stays_one(value: Any, cell: str) -> None:
    text = Numbers(["=head", "b"], [[value, 1]]).csv()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["'=head", "b"], [cell, "1"]]
