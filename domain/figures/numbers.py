"""The numbers of a plot as a table: for readers who cannot see it, and for spreadsheets and programs."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.figures.plots import Plot

SERIES = "Series"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins a formula (OWASP, CSV injection)
GRIDS = ("contour", "heatmap")
Trace = dict[str, Any]
Row = list[Any]


@dataclass(frozen=True)
class Numbers:
    """Column titles in words, and rows of numbers, texts and None."""

    columns: list[str]
    rows: list[Row]

    def csv(self) -> str:
        """RFC 4180 with a header; no cell is a formula, a number stays one."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerows([_cell(value) for value in row] for row in [self.columns, *self.rows])
        return text.getvalue()


def _cell(value: Any) -> Any:
    """The value, with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) and not _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def numbers_of(plot: Plot) -> Numbers:
    """All numbers of a plot: a row a point.

    Series over the same places become columns beside each other; others stand below each other, those first whose
    points have names, and the grids of contours and heat maps last.
    """
    titles = _titles(plot.get("layout", {}))
    traces = [trace for trace in plot["data"] if not _is_limit_of_grid(trace)]
    tables = [_Table.of(trace, titles) for trace in traces]
    if len(tables) == 1:
        return Numbers(list(tables[0].columns), list(tables[0].rows()))
    if not any(table.columns for table in tables):
        return Numbers([], [])
    return _beside(tables) if all(table.is_joinable for table in tables) else _below(tables)


def _titles(layout: dict[str, Any]) -> dict[str, str]:
    """What x, y, z and the text of a point are called."""
    meta = layout.get("meta", {})
    axes = {name: layout.get(f"{name}axis", {}).get("title", {}).get("text") or name for name in ("x", "y")}
    if axes["x"] == axes["y"]:
        axes = {name: f"{title} ({name})" for name, title in axes.items()}
    named = {**axes, "z": meta.get("z", "Value"), "text": meta.get("text", "Name")}
    return {name: html.unescape(title) for name, title in named.items()}


def _is_limit_of_grid(trace: Trace) -> bool:
    """Whether it is one line of a grid that is there already, such as the threshold."""
    contours = trace.get("contours", {})
    return trace.get("type") == "contour" and contours.get("type") == "constraint"


@dataclass(frozen=True)
class _Table:
    """The columns of one trace, equally long; the first is the place of a point where `has_place`."""

    name: str
    columns: dict[str, list[Any]]
    has_place: bool
    is_grid: bool = False
    has_names: bool = False

    @classmethod
    def of(cls, trace: Trace, titles: dict[str, str]) -> _Table:
        """The table of a trace of any type that is drawn here."""
        name = _said(trace.get("name") or "")
        if trace.get("type") in GRIDS:
            return cls(name, _grid(trace, titles), has_place=True, is_grid=True)
        order = ("y", "x") if trace.get("orientation") == "h" else ("x", "y")
        given = [each for each in order if trace.get(each) is not None]
        columns = {titles[each]: [_said(value) for value in trace[each]] for each in given}
        if isinstance(trace.get("width"), Sequence) and given:
            columns = _ranges(columns, trace["width"], titles[order[0]])
        names = _names(trace, columns)
        more = {titles["text"]: names} if names else {}
        return cls(name, {**columns, **more}, has_place=len(given) == 2, has_names=bool(names))

    @property
    def is_joinable(self) -> bool:
        """Whether it is one number at each place, no place twice."""
        if not self.has_place or len(self.columns) != 2:
            return False
        places, _ = self.columns.values()
        return len(set(places)) == len(places)

    def rows(self) -> Iterator[Row]:
        """The points."""
        return map(list, zip(*self.columns.values(), strict=True))


def _ranges(columns: dict[str, list[Any]], widths: Sequence[float], place: str) -> dict[str, list[Any]]:
    """The columns of bars that stand for a range each: its ends in place of its middle."""
    middles = columns[place]
    low = [middle - width / 2 for middle, width in zip(middles, widths, strict=True)]
    high = [middle + width / 2 for middle, width in zip(middles, widths, strict=True)]
    others = {title: values for title, values in columns.items() if title != place}
    return {f"{place}, from": low, f"{place}, below": high, **others}


def _names(trace: Trace, columns: dict[str, list[Any]]) -> list[str]:
    """The names of the points, if there are any; a label that repeats the number is none."""
    for given in (trace.get("hovertext"), trace.get("text")):
        if given and not isinstance(given, str) and list(given) not in columns.values():
            return [_said(each) for each in given]
    return []


def _grid(trace: Trace, titles: dict[str, str]) -> dict[str, list[Any]]:
    z = trace["z"]
    x, y = trace.get("x") or range(len(z[0]) if z else 0), trace.get("y") or range(len(z))
    points = [(a, b, value) for b, row in zip(y, z, strict=True) for a, value in zip(x, row, strict=True)]
    return {titles[name]: [point[place] for point in points] for place, name in enumerate("xyz")}


def _beside(tables: list[_Table]) -> Numbers:
    """Series with a number at each place: a column each."""
    place, value = tables[0].columns
    by_place: list[dict[Any, Any]] = [dict(table.rows()) for table in tables]
    places = list(dict.fromkeys(at for values in by_place for at in values))
    rows = [[at, *(values.get(at) for values in by_place)] for at in places]
    return Numbers([place, *(f"{value}: {table.name}" for table in tables)], rows)


def _below(tables: list[_Table]) -> Numbers:
    ordered = sorted(tables, key=lambda table: (table.is_grid, not table.has_names))
    columns = list(dict.fromkeys(title for table in tables for title in table.columns))
    rows: list[Row] = []
    for table in ordered:
        for row in table.rows():
            at = dict(zip(table.columns, row, strict=True))
            rows.append([table.name, *(at.get(title) for title in columns)])
    return Numbers([SERIES, *columns], rows)


def _said(value: Any) -> Any:
    """Text as people wrote it, not as a plot takes it."""
    return html.unescape(value) if isinstance(value, str) else value
