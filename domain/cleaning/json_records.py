"""The objects of a JSON file: one a line as logs have them, written over several lines, or in arrays.

Where objects begin and end is found out by brackets and strings alone; whether one is JSON, its parser says. A broken
object costs itself: the next one begins where a brace can begin nothing else.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from domain.cleaning.json_lines import SPACE, is_plainly_whole, is_whole

MOST_LINES = 10_000  # of an object: one that is not closed within them is a broken one, and not the whole file
_MARK = b"\xef\xbb\xbf"
# up to the next bracket, or to a string that is not closed in its line; not possessive, as Python 3.11.2 gets a choice
# in a possessive repetition wrong, and linear all the same: nothing follows that could make it go back
_BETWEEN = re.compile(rb"""(?:[^"'{}\[\]]+|"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')*""")
_BARE = re.compile(rb"[^,\]]*")
_NEXT = re.compile(rb"\}\s*,\s*\{")
_SPACES = re.compile(rb"[ \t\r\n]*")
_OPENS = {ord("}"): ord("{"), ord("]"): ord("[")}
_OBJECT, _ARRAY, _COMMA, _COLON = b"{[,:"


class Record(NamedTuple):
    """An object, or what stands in the place of one: where it begins, its text, and whether it is one object alone.

    `in_line` is 1 for the first that begins in a line. The text has no line end behind it.
    """

    line: int
    in_line: int
    text: bytes
    is_one: bool


Taken = Generator[Record, None, int]  # records, and where to go on in the line


def json_records(lines: Iterable[bytes]) -> Iterator[Record]:
    """Every object of a file, and every piece of it that is none: nothing but space and separators is left out.

    Outside of arrays blank lines are records, too, and more than an object in a line is one broken record. A file is
    one of arrays when its first character says so. A comma without a value, and an array that does not end, are
    records.
    """
    scan = _Scan()
    source = ((number, line, 0) for number, line in enumerate(lines, start=1))
    while (given := scan.again.popleft() if scan.again else next(source, None)) is not None or scan.held:
        if given is None:
            yield from scan.give_up()
            continue
        number, line, found = given
        if not (scan.in_array or scan.held) and is_plainly_whole(line):  # as nearly all are
            scan.may_be_array = False
            yield Record(number, found + 1, line.rstrip(b"\r\n"), True)
            continue
        if number == 1:
            line = line.removeprefix(_MARK)
        is_blank = not line.strip(SPACE)
        if scan.is_between_lines and (is_blank or is_whole(line)):
            scan.may_be_array &= is_blank
            yield Record(number, found + 1, line.rstrip(b"\r\n"), True)
        else:
            yield from scan.take(number, line, found)
    if scan.in_array and not scan.closed:
        yield Record(*scan.array, b"[", False)


class _Scan:
    """What is known between two lines: the lines `held` of an object that is not complete, its open brackets, …"""

    def __init__(self) -> None:
        self.again = deque[tuple[int, bytes, int]]()  # lines to be looked at once more, as `take` has them
        self.held: list[tuple[int, bytes]] = []  # pieces of an object, each with the number of its line
        self.begins = (0, 0)  # line and place in it of that object
        self.brackets = bytearray()
        self.last = 0  # the character before a bracket, without spaces
        self.in_array, self.may_be_array = False, True
        self.array = (0, 0)
        self.comma: tuple[int, int] | None = None  # one that no value has followed yet
        self.closed: tuple[int, int] | None = None  # the bracket that seems to end the array
        self.has_values = False

    @property
    def is_between_lines(self) -> bool:
        """Whether a line that begins now is one of those that have an object each."""
        return not (self.in_array or self.held)

    def take(self, number: int, line: bytes, found: int) -> Iterator[Record]:
        """The records that end in a line, or in the rest of one in which so many have been found."""
        at = 0
        while at < len(line):
            if not self.brackets:
                at = _end(_SPACES, line, at)
                if at == len(line):
                    return
                found += 1
                if self.closed and line[at] != _ARRAY:  # the bracket before was not the last one of the array
                    yield Record(*self.closed, b"]", False)
                    self.closed = None
                if line[at] == _OBJECT or (self.in_array and line[at] == _ARRAY and not self.closed):
                    self.begins, self.comma, self.has_values = (number, found), None, True
                    at = yield from self._object(number, line, at)
                elif self.in_array:
                    at = yield from self._in_array((number, found), line, at)
                elif line[at] == _ARRAY and self.may_be_array:
                    self.in_array, self.array, self.comma, self.has_values = True, (number, found), None, False
                    at += 1
                else:
                    self.may_be_array = False
                    yield Record(number, found, line[at:].rstrip(SPACE), False)
                    return
            else:
                at = yield from self._object(number, line, at)

    def _in_array(self, place: tuple[int, int], line: bytes, at: int) -> Taken:
        """What stands between the objects of an array; returns where to go on."""
        if self.closed and line[at] == _ARRAY:
            self.array, self.closed, self.comma, self.has_values = place, None, None, False
            return at + 1
        if line[at] == _COMMA:
            if self.comma or not self.has_values:
                yield Record(*(self.comma or place), b",", False)
            self.comma = place if self.has_values else None
            return at + 1
        if line[at : at + 1] == b"]":
            if self.comma:
                yield Record(*self.comma, b",", False)
            self.closed, self.comma = place, None
            return at + 1
        end = max(at + 1, _end(_BARE, line, at))
        self.comma, self.has_values = None, True
        yield Record(*place, line[at:end].rstrip(SPACE), False)
        return end

    def _object(self, number: int, line: bytes, begin: int) -> Taken:
        """Go on with an object from `begin`; returns where to go on after it, the end of the line where it has none."""
        at = begin
        while True:
            end = _end(_BETWEEN, line, at)
            self.last = _last_character(line, at, end) or self.last
            if end == len(line):
                return (yield from self._hold(number, line, begin))
            is_open_string = line[end] in b"\"'"
            if is_open_string or self._is_another(line, end):
                return (yield from self._broken(number, line, begin, self._cut(line, begin) if is_open_string else end))
            at = end + 1
            if self._is_complete(line[end]):
                return (yield from self._complete(number, line, begin, at))
            self.last = line[end]

    def _cut(self, line: bytes, begin: int) -> int:
        """Where an object with an open string ends: before the next one of an array, else with the line."""
        another = _NEXT.search(line, begin) if self.in_array else None
        return another.start() + 1 if another else len(line)

    def _is_another(self, line: bytes, at: int) -> bool:
        """Whether a bracket belongs to no object that is open, so that this one lacks its end."""
        if not self.brackets:
            return False
        if line[at : at + 1] == b"]":
            return self.in_array and _ARRAY not in self.brackets
        may_split = self.in_array or _end(_SPACES, line, 0) == at  # no copy: a line may be the whole file
        allowed = (_COLON,) if self.brackets[-1] == _OBJECT else (_ARRAY, _COMMA)
        return line[at] == _OBJECT and may_split and self.last not in allowed

    def _is_complete(self, bracket: int) -> bool:
        """Whether a bracket is the last of the object; one that closes another kind than is open closes both."""
        if bracket in (_OBJECT, _ARRAY):
            self.brackets.append(bracket)
        elif _OPENS[bracket] in self.brackets:
            del self.brackets[self.brackets.rindex(_OPENS[bracket]) :]
        return not self.brackets

    def _hold(self, number: int, line: bytes, begin: int) -> Taken:
        self.held.append((number, line[begin:]))
        if len(self.held) > MOST_LINES:
            yield from self.give_up()
        return len(line)

    def _complete(self, number: int, line: bytes, begin: int, end: int) -> Taken:
        several, rest = bool(self.held), line[end:].strip(SPACE) if not self.in_array else b""
        text = self._text(line[begin:end])
        if rest and not (several and rest.startswith(b"{")):
            yield Record(*self.begins, self._closed(text + line[end:].rstrip(SPACE)), False)
            return len(line)
        yield Record(*self.begins, self._closed(text), text.startswith(b"{"))
        return end

    def _broken(self, number: int, line: bytes, begin: int, end: int) -> Taken:
        """What is held, with the line up to `end`, is no object; whole ones in it are looked at once more."""
        if self._first_whole():
            self.again.appendleft((number, line[begin:], self.begins[1] if self.begins[0] == number else 0))
            yield from self.give_up()
            return len(line)
        yield Record(*self.begins, self._closed(self._text(line[begin:end])).rstrip(SPACE + b","), False)
        return end

    def give_up(self) -> Iterator[Record]:
        """What is held is a broken record up to the first line that is a whole object: from there it comes again."""
        kept = self._first_whole() or len(self.held)
        self.again.extendleft((number, piece, 0) for number, piece in reversed(self.held[kept:]))
        yield Record(*self.begins, self._closed(b"".join(piece for _, piece in self.held[:kept])).rstrip(SPACE), False)

    def _first_whole(self) -> int:
        """The place among what is held of the first line that is an object by itself, 0 where there is none."""
        others = () if self.in_array else self.held[1:]
        return next((at for at, (_, piece) in enumerate(others, start=1) if is_whole(piece)), 0)

    def _text(self, rest: bytes) -> bytes:
        return b"".join(piece for _, piece in self.held) + rest

    def _closed(self, text: bytes) -> bytes:
        self.held.clear()
        self.brackets.clear()
        self.may_be_array = self.in_array
        return text


def _end(pattern: re.Pattern[bytes], line: bytes, at: int) -> int:
    found = pattern.match(line, at)
    return found.end() if found else at


def _last_character(line: bytes, begin: int, end: int) -> int:
    """The last one between two positions that is no space, 0 where there is none."""
    at = end - 1
    while at >= begin and line[at] in SPACE:
        at -= 1
    return line[at] if at >= begin else 0
