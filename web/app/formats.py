"""Template filters for numbers, times and JSON."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson
from flask import Flask

KEPT = 2  # of a path on a page: the file and its folder
_PATH = re.compile(r"(?<![\w/.:])/(?:[^\s/:,;«»'\"]+/)+[^\s/:,;«»'\"]+")


def register(app: Flask) -> None:
    """Register the functions here as template filters of the same name."""
    for function in (stars, count, day, moment, duration, figure, pretty, short_paths):
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


def pretty(value: Any) -> str:
    """A JSON value with indents."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def short_paths(text: str) -> str:
    """/tmp/me/data/raw/servers/metrics.csv is servers/metrics.csv: where a machine keeps it is of no use to readers."""
    return _PATH.sub(lambda found: "/".join(found[0].split("/")[-KEPT:]), text)
