"""What holds for every figure of every page and report."""

from __future__ import annotations

import html
import io
from itertools import product
from typing import Any

import pandas as pd

from domain.figures.numbers import Numbers, numbers_of
from domain.figures.plots import Plot


def assert_is_told(title: str, sentence: str, plot: Plot) -> Numbers:
    """A figure has a title, a sentence, titles of both axes, no colours, and its numbers in a table that CSV keeps."""
    assert title[0].isupper(), title
    assert "_" not in title
    assert sentence.endswith((".", "`.")), (title, sentence)
    for axis in ("xaxis", "yaxis"):
        text = plot["layout"][axis]["title"]["text"]
        assert text, (title, axis)
        assert "_" not in text, (title, axis, "a column's name is no title")
    assert "color'" not in str(plot), (title, "the page gives the colours")
    numbers = numbers_of(plot)
    assert numbers.rows, title
    assert len(set(numbers.columns)) == len(numbers.columns)
    assert_has_all_points(plot, numbers)
    assert_csv_keeps(numbers)
    return numbers


def assert_has_all_points(plot: Plot, numbers: Numbers) -> None:
    """Each plotted point has a row with both its numbers."""
    together = {pair for row in numbers.rows for pair in product(row, row)}
    for trace in plot["data"]:
        if "z" in trace:
            cells = {value for row in trace["z"] for value in row}
            assert cells <= {value for row in numbers.rows for value in row}
        elif "width" in trace:
            lefts = [x - width / 2 for x, width in zip(trace["x"], trace["width"], strict=True)]
            assert set(zip(lefts, trace["y"], strict=True)) <= together
        else:
            x, y = (list(map(said, trace.get(axis, trace.get("x")))) for axis in ("x", "y"))
            assert set(zip(x, y, strict=True)) <= together


def said(value: Any) -> Any:
    """A value as people read it."""
    return html.unescape(value) if isinstance(value, str) else value


def assert_csv_keeps(numbers: Numbers) -> None:
    """pandas reads the same numbers out of the CSV."""
    read = pd.read_csv(io.StringIO(numbers.csv()), keep_default_na=False, na_values=[""])
    assert [name.removeprefix("'") for name in read.columns] == numbers.columns
    assert len(read) == len(numbers.rows)
    for place, column in enumerate(read):
        plain = [row[place] for row in numbers.rows]
        if all(isinstance(value, int | float | None) for value in plain):
            expected = pd.Series(plain, dtype=float)
            pd.testing.assert_series_equal(read[column].astype(float), expected, check_names=False)
