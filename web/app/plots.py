"""Parts that the figures of all pages share.

A `plot` is Plotly's own `{"data": [...], "layout": {...}}`; colours and fonts are put on in the browser (insights.js),
which knows whether the page is light or dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Columns = dict[str, list[Any]]
Plot = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A figure, or with `plot` None the sentence that says why there is none."""

    name: str
    title: str
    sentence: str
    plot: Plot | None


def axis(title: str, **settings: Any) -> dict[str, Any]:
    """An axis with its title and with further settings of Plotly's."""
    return {"title": {"text": title}, **settings}


def percent(part: float, whole: float) -> str:
    """The share in whole percent: "25 %"."""
    return f"{100 * part / whole:.0f} %" if whole else "0 %"
