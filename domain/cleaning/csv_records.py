"""Lines of a CSV file put together to records: a quoted field may have line ends in it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator

from domain.cleaning.csv_fields import csv_fields, field_pattern

MOST_LINES = 200  # of a record: a quote that is not closed within them is a broken one, and no field of the whole file

# What follows the last comma is a field that is closed, or one that is open at the end of the line.
_FIELD = field_pattern().encode()
_CLOSED = re.compile(rb"%b(?:,%b)*+" % (_FIELD, _FIELD))
_OPEN = re.compile(rb'(?:%b,)*+"(?:[^"]|"")*+' % _FIELD)


def csv_records(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number of the first line, from 1, and the bytes of each record, without its last line end.

    A record ends with the first line at whose end no quoted field is open. Where its quotes break the rules of
    RFC 4180, or stay open for `MOST_LINES`, or it has not as many fields as the first record, the first line is a
    record of its own, with its broken quote, and the next record begins after it: as far as what follows shows it,
    a stray quote costs the line that it is in.
    """
    source, again, number, width = iter(lines), deque[bytes](), 1, 0

    def next_line() -> bytes | None:
        return again.popleft() if again else next(source, None)

    while (line := next_line()) is not None:
        held, is_open = [line], _is_open(line, False)
        while is_open and len(held) < MOST_LINES and (line := next_line()) is not None:
            held.append(line)
            is_open = _is_open(line, True)
        if len(held) > 1 and (is_open is not False or width not in (0, _width(held))):
            again.extendleft(reversed(held[1:]))
            held = held[:1]
        width = width or _width(held)
        yield number, b"".join(held).removesuffix(b"\n")
        number += len(held)


def _width(lines: list[bytes]) -> int:
    """The number of fields of a record; 0 where its quotes are broken."""
    return len(csv_fields(_ended(b"".join(lines)).decode("latin-1")) or ())


def _ended(text: bytes) -> bytes:
    return text.removesuffix(b"\n").removesuffix(b"\r")


def _is_open(line: bytes, was_open: bool) -> bool | None:
    """Whether a quoted field is open at the end of a line, at whose beginning one was or not; None: broken quotes."""
    if b'"' not in line:
        return was_open
    text = b'"' + line if was_open else line
    if _CLOSED.fullmatch(_ended(text)):
        return False
    return True if _OPEN.fullmatch(text) else None
