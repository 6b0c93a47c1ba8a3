"""Types of flags: what argparse calls with the text; a wrong one ends in a line of usage and exit code 2.

Each says itself what is allowed: of a ValueError argparse would tell no more than the name of the function.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from domain.contract.files import plain_path
from domain.contract.movielens import Scale

WHOLE = re.compile(r"[+-]?[0-9]+")  # which int() and float() are not content with: they take other digits, and _
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MOST = 2**31 - 1  # what Spark takes for a number of rows


def folder(text: str) -> Path:
    """A path that stays the same wherever the job goes; also that of a file."""
    if not text.strip():  # of a variable that is not set, and would be the folder where the job was started
        raise argparse.ArgumentTypeError(f"{text!r} is not a path")
    return plain_path(text)


def _whole_number(text: str, lowest: int, highest: int = MOST) -> int:
    if not WHOLE.fullmatch(text) or not lowest <= int(text) <= highest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {lowest} to {highest}")
    return int(text)


def _number(text: str, allowed: Callable[[float], bool], words: str) -> float:
    if not DECIMAL.fullmatch(text) or not math.isfinite(float(text)) or not allowed(float(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number {words}, with a point as in 0.5")
    return float(text)


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    return _whole_number(text, 1)


def between(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number from `lowest` to `highest`."""
    return partial(_whole_number, lowest=lowest, highest=highest)


def counts(text: str) -> list[int]:
    """Whole numbers of 1 or more with commas between; each once, rising."""
    return sorted({positive(part) for part in text.split(",")})


def above_zero(text: str) -> float:
    """A finite number above 0."""
    return _number(text, lambda number: number > 0.0, "above 0")


def inner_share(text: str) -> float:
    """A share of something that leaves both parts."""
    return _number(text, lambda number: 0.0 < number < 1.0, "above 0 and below 1")


def share_or_auto(default: float) -> Callable[[str], float]:
    """An inner share, or `auto` for the default, as scikit-learn's `contamination` may be."""

    def share(text: str) -> float:
        try:
            return default if text == "auto" else inner_share(text)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentTypeError(f"{error}, nor auto, which is {default}") from error

    return share


def share(text: str) -> float:
    """A share, 0 and 1 too."""
    return _number(text, lambda number: 0.0 <= number <= 1.0, "from 0 to 1")


def minority(text: str) -> float:
    """A share of at most a half, also 0."""
    return _number(text, lambda number: 0.0 <= number <= 0.5, "from 0 to 0.5")


def whole(text: str) -> int:
    """A whole number of 0 or more."""
    return _whole_number(text, 0)


def some_of(names: Collection[str]) -> Callable[[str], list[str]]:
    """Some of the names with commas between; each once, in the order of `names`."""

    def chosen(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in names]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(names)}")
        return [name for name in names if name in given]

    return chosen


def several(text: str) -> int:
    """A whole number of 2 or more."""
    return _whole_number(text, 2)


def stars(text: str) -> float:
    """A rating as a threshold, on any scale."""
    return _number(text, math.isfinite, "of stars")


def scale(text: str) -> Scale:
    """The scale of ratings: LOWEST,HIGHEST or LOWEST,HIGHEST,STEP."""
    try:
        return Scale.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def day(text: str) -> datetime:
    """A day; its first moment in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2018-01-01") from error


def subject(text: str) -> str:
    """The subject of a report: part of a web address."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not of small letters, digits and -")
    return text
