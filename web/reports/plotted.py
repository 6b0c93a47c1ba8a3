"""The figures of a report of the lab, from what its job stored; reports of older versions have fewer words."""

from __future__ import annotations

from html import unescape
from typing import Any

from domain.figures.plots import distinct_names, slug
from web.shown.plots import Figure

EQUAL_DENSITY = "; lines join points of equal density, each 100 times lower than the one inside it"
BEFORE_NAME = "plot-"  # of the file with a figure's numbers, which no file of the job begins with


def figures_of_report(row: Any) -> list[Figure]:
    """The figures of a row of reports_by_subject, with names that differ."""
    report = row.report
    drawn = [*report.get("figures", []), *([_of_outliers(report)] if report.get("plot") else [])]
    names = distinct_names(each.get("name") or slug(each["title"]) for each in drawn)
    return [
        Figure(f"{BEFORE_NAME}{name}", each["title"], each.get("sentence", ""), each["plot"])
        for name, each in zip(names, drawn, strict=True)
    ]


def _of_outliers(report: dict[str, Any]) -> dict[str, Any]:
    """The one plot of a report on outliers, whose axes are its title."""
    plot = report["plot"]
    x, y = (unescape(plot["layout"][axis]["title"]["text"]) for axis in ("xaxis", "yaxis"))
    has_density = any(trace.get("type") == "contour" for trace in plot["data"])
    sentence = f"Circles are outliers, dots are usual rows{EQUAL_DENSITY if has_density else ''}."
    return {"name": "rows", "title": f"{y} against {x}", "sentence": sentence, "plot": plot}
