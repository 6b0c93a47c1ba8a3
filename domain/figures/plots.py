"""What all figures have in common, whoever draws them: axes with a title and a unit, a name, text that is no markup.

A plot is Plotly's own `{"data": [...], "layout": {...}}`. It brings no colours: the page gives each series its own, by
its place among the others, in light and in dark. `layout.meta` says what the numbers of a point are called that no
axis names: `text` (the name of a point) and `z`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

Plot = dict[str, Any]
LEGEND = {"orientation": "h", "y": 1.15}
LIMIT = {"role": "limit"}  # the `meta` of a line that is no series but a limit of one


def axis(title: str, **settings: Any) -> dict[str, Any]:
    """An axis with its title, which names the unit where there is one, and with further settings of Plotly's."""
    return {"title": {"text": title, "standoff": 12}, "automargin": True, **settings}


def plain(text: str) -> str:
    """The text as a plot takes it, where a few tags would be markup."""
    return html.escape(text, quote=False)


def figure(title: str, sentence: str, data: list[dict[str, Any]], **layout: Any) -> dict[str, Any]:
    """A figure of a report: what it is called, what to see in it, and its plot."""
    return {"name": slug(title), "title": title, "sentence": sentence, "plot": {"data": data, "layout": layout}}


def slug(title: str) -> str:
    """The title as a part of an address: "Ratings by month" is ratings-by-month."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "figure"


def distinct_names(names: Iterable[str]) -> list[str]:
    """The names, with a number at the end of those that came before."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return told
