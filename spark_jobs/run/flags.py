"""Types of flags: what argparse calls with the text; a wrong one ends in a line of usage and exit code 2."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from domain.contract.files import plain_path
from domain.contract.movielens import Scale


def folder(text: str) -> Path:
    """A path that stays the same wherever the job goes."""
    return plain_path(text)


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def between(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number from `lowest` to `highest`."""

    def number(text: str) -> int:
        if not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text} is not within {lowest} … {highest}")
        return int(text)

    return number


def counts(text: str) -> list[int]:
    """Whole numbers of 1 or more with commas between; each once, rising."""
    return sorted({positive(part) for part in text.split(",")})


def above_zero(text: str) -> float:
    """A finite number above 0."""
    number = float(text)
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


def inner_share(text: str) -> float:
    """A share of something that leaves both parts."""
    share = float(text)
    if not 0.0 < share < 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and below 1")
    return share


def share(text: str) -> float:
    """A share, 0 and 1 too."""
    number = float(text)
    if not 0.0 <= number <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not within 0 … 1")
    return number


def minority(text: str) -> float:
    """A share of at most a half, also 0."""
    number = float(text)
    if not 0.0 <= number <= 0.5:
        raise argparse.ArgumentTypeError(f"{text} is not within 0 … 0.5")
    return number


def whole(text: str) -> int:
    """A whole number of 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more")
    return number


def some_of(names: Collection[str]) -> Callable[[str], list[str]]:
    """Some of the names with commas between; each once, in the order of `names`."""

    def chosen(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in names]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(names)}")
        return [name for name in names if name in given]

    return chosen


def several(text: str) -> int:
    """A whole number of 2 or more."""
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError(f"{text} is not 2 or more")
    return number


def stars(text: str) -> float:
    """A rating as a threshold, on any scale."""
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a number of stars")
    return number


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
