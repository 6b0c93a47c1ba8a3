"""The figures of /songs: from the columns that Spark computed to what Plotly draws, and what to see in it."""

from __future__ import annotations

from typing import Any

from domain.figures.plots import LEGEND, Plot, axis, plain
from web.shown.plots import Columns, Figure, percent

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALL_OF = {"hour": 24, "weekday": 7}  # shown without plays, too
PLACES_SHOWN = 15
AXES = {"day": "Day (UTC)", "hour": "Hour of the day (UTC)", "weekday": "Weekday (UTC)", "place": "Place"}
NONE = "There are no plays to show."


def draw_songs(figures: dict[str, Columns]) -> list[Figure]:
    """Every figure in the order of the page."""
    titles = {"day": "Plays by day", "hour": "Plays by hour", "weekday": "Plays by weekday", "place": "Plays by place"}
    return [_figure(name, title, figures.get(name, {})) for name, title in titles.items()]


def levels_sentence(figures: dict[str, Columns]) -> str:
    """A sentence on how many of the plays are on the paid level."""
    hours = figures.get("hour", {"free": [], "paid": []})
    paid, plays = sum(hours["paid"]), sum(hours["paid"]) + sum(hours["free"])
    return f"{plays:,} plays, of which {percent(paid, plays)} on the paid level." if plays else NONE


def _figure(name: str, title: str, columns: Columns) -> Figure:
    rows = sorted(zip(columns.get(name, []), columns.get("free", []), columns.get("paid", []), strict=True))
    if not rows:
        return Figure(name, title, NONE, None)
    if name in ALL_OF:
        by_value = {row[0]: row for row in rows}
        rows = [by_value.get(value, (value, 0, 0)) for value in range(ALL_OF[name])]
    labels = [_label(name, row[0]) for row in rows]
    free, paid = [row[1] for row in rows], [row[2] for row in rows]
    plays = list(map(sum, zip(free, paid, strict=True)))
    most = max(range(len(rows)), key=plays.__getitem__)
    sentence = f"Most plays: {labels[most]}, {plays[most]:,} of {sum(plays):,} ({percent(plays[most], sum(plays))})."
    if name == "place":
        shown = sorted(range(len(rows)), key=plays.__getitem__)[-PLACES_SHOWN:]
        labels, free, paid = ([values[place] for place in shown] for values in (labels, free, paid))
        if len(shown) < len(rows):
            sentence += f" {len(rows):,} places; the {len(shown)} with the most plays are shown."
    return Figure(name, title, sentence, _bars(name, [plain(label) for label in labels], free, paid))


def _bars(name: str, labels: list[str], free: list[int], paid: list[int]) -> Plot:
    flat = name == "place"

    def bar(level: str, values: list[int]) -> dict[str, Any]:
        axes = {"x": values, "y": labels, "orientation": "h"} if flat else {"x": labels, "y": values}
        return {"type": "bar", "name": level, **axes}

    kind, count = axis(AXES[name], type="category"), axis("Plays (number)")
    axes = {"xaxis": count, "yaxis": kind} if flat else {"xaxis": kind, "yaxis": count}
    return {"data": [bar("paid", paid), bar("free", free)], "layout": {"barmode": "stack", "legend": LEGEND, **axes}}


def _label(name: str, value: Any) -> str:
    if name == "weekday":
        return WEEKDAYS[value]
    return f"{value:02d}:00" if name == "hour" else str(value)
