"""Template filters for numbers, times and JSON."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any

import orjson
from flask import Flask
from markupsafe import Markup, escape

from domain.contract.runs import started_at
from domain.figures.words import capital, feature_in_words, place_in_words, reason_in_words, words_of

MANY = 10_000  # from which numbers have commas
KEPT = 2  # of a path on a page: the file and its folder
_PATH = re.compile(r"(?<![\w/.:])/(?:[^\s/:,;«»'\"]+/)+[^\s/:,;«»'\"]+")


def register(app: Flask) -> None:
    """Register the functions here, and those for words of columns, as template filters of the same name."""
    own = (stars, count, day, moment, duration, figure, cell, with_code, began, pretty, short_paths)
    for function in (*own, capital, feature_in_words, place_in_words, reason_in_words, words_of):
        app.add_template_filter(function)


def stars(rating: float) -> str:
    """4.25 is "4.3"; the template adds the star."""
    return f"{rating:.1f}"


def count(number: int) -> str:
    """9742 is "9,742"."""
    return f"{number:,}"


def day(time: datetime) -> str:
    """2000-07-30, UTC."""
    return f"{time:%Y-%m-%d}"


def moment(time: datetime) -> str:
    """22 Nov 2026, 19:03 UTC."""
    return f"{time.day} {time:%b %Y, %H:%M} UTC"


def began(run_id: str) -> str:
    """When a run began, in place of its id; the id itself where it does not tell."""
    time = started_at(run_id)
    return moment(time) if time else run_id


def duration(seconds: float) -> str:
    """0.8 s, 45 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def figure(value: float) -> str:
    """A metric in four significant digits."""
    return f"{value:.4g}"


def cell(value: Any) -> str:
    """A value of a table: 26,818 or 3.6142 or a text; a year stays 1999, and nothing is empty."""
    if value is None:
        return ""
    if not isinstance(value, int | float):
        return str(value)
    if abs(value) < MANY:
        return f"{value:.6g}"
    return f"{value:,.1f}" if value % 1 else f"{value:,.0f}"


def with_code(text: str) -> Markup:
    """The text with what stands in backticks as code: run `make scale`."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(text.split("`"))
    )


def pretty(value: Any) -> Markup:
    """A JSON value with indents, as text of an element: there its quotation marks, a fifth of it, are what they are."""
    return Markup(html.escape(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode(), quote=False))


def short_paths(text: str) -> str:
    """/tmp/me/data/raw/servers/metrics.csv is servers/metrics.csv: where a machine keeps it is of no use to readers."""
    return _PATH.sub(lambda found: "/".join(found[0].split("/")[-KEPT:]), text)
