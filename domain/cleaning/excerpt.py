"""Excerpts of lines of input for messages: around the value at fault, and harmless to a terminal."""

from __future__ import annotations

import re

WIDTH = 80  # characters, besides the … on either side


def excerpt(line: str | bytes, value: str | None = None) -> str:
    """The part of a line around `value`, at most WIDTH printable characters, with … where it is cut.

    Without a value, or with one that is not in the line, it is the beginning; of a longer value its beginning.
    """
    cells = [_shown(character) for character in _text(line)]
    start, end = _place(_text(line), value)
    left, right, room = start, start, WIDTH
    while right < len(cells) and len(cells[right]) <= room and (right < end or room > WIDTH // 2):
        room -= len(cells[right])
        right += 1
    while left > 0 and len(cells[left - 1]) <= room:
        left -= 1
        room -= len(cells[left])
    while right < len(cells) and len(cells[right]) <= room:
        room -= len(cells[right])
        right += 1
    return "…" * (left > 0) + "".join(cells[left:right]) + "…" * (right < len(cells))


def printable(text: str | bytes) -> str:
    """The text with what is not printable, and bytes that are not UTF-8, as escapes such as \\x1b."""
    return "".join(map(_shown, _text(text)))


def _text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # a byte that did not decode
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _place(line: str, value: str | None) -> tuple[int, int]:
    """Where the value begins and ends: as a whole field if it is one, else anywhere."""
    if value is None:
        return 0, 0
    edge = r"[\s,;|:\"'\[\]{}]"
    for pattern in (rf"(?:(?<={edge})|^){re.escape(value)}(?={edge}|$)", re.escape(value)):
        if found := re.search(pattern, line):
            return found.span()
    return 0, 0
