"""Siblings: movies whose titles belong to one series, by a rule; what a list of similar movies should find.

The series of a title is its words before the first colon or spaced dash, without year, remarks in parentheses and
article, before «and the» from the third word on, and without numerals and words of sequels at the end. Movies are
siblings if their series are equal and their titles are not (a remake has the same title). The rule misses series whose
titles differ (Bourne, James Bond), and takes every Robin Hood for one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from domain.contract.titles import split_title, title_words

ARTICLES = {"the", "a", "an"}
NUMERALS = ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii")
NUMBERS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
)
SEQUELS = ("second", "third", "fourth", "final", "returns", "begins", "forever", "rises", "reloaded", "revolutions")
ENDS = {*NUMERALS, *NUMBERS, *SEQUELS, "strikes", "again", "part", "vol", "volume", "episode", "chapter", "the", "and"}
_REMARK = re.compile(r"\s*\([^)]*\)")
_ARTICLE_AT_END = re.compile(r",\s*(?:The|A|An)$")
_SUBTITLE = re.compile(r":| - ")


def series(title: str) -> tuple[str, ...]:
    """The folded words of the series: ("star", "trek") of "Star Trek II: The Wrath of Khan (1982)"."""
    words = _words(_SUBTITLE.split(_bare(title))[0])
    for place in range(2, len(words) - 1):
        if words[place : place + 2] == ("and", "the"):
            words = words[:place]
            break
    while len(words) > 1 and (words[-1] in ENDS or (words[-1].isdigit() and len(words[-1]) <= 2)):
        words = words[:-1]
    return words


def siblings(titles: Sequence[str]) -> dict[int, list[int]]:
    """Of each title that has any: the positions of its siblings, rising."""
    of_series = defaultdict(list)
    for position, title in enumerate(titles):
        of_series[series(title)].append(position)
    whole = [_words(_bare(title)) for title in titles]
    found = {
        one: [other for other in members if whole[other] != whole[one]]
        for members in of_series.values()
        for one in members
    }
    return {one: others for one, others in sorted(found.items()) if others}


def _bare(title: str) -> str:
    return _REMARK.sub("", split_title(title)[0]).strip()


def _words(text: str) -> tuple[str, ...]:
    words = tuple(title_words(_ARTICLE_AT_END.sub("", text)))
    return words[1:] if len(words) > 1 and words[0] in ARTICLES else words
