"""Lines of a CSV file put together to records: a quoted field may have line ends in it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache

from domain.cleaning.csv_fields import csv_fields, field_pattern

MOST_LINES = 200  # of a record: a quote that is not closed within them is a broken one, and no field of the whole file


@cache
def _patterns(separator: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What follows the last separator of a line is a field that is closed, or one that is open at its end."""
    field, between = field_pattern(separator).encode(), re.escape(separator).encode()
    closed = re.compile(rb"%b(?:%b%b)*+" % (field, between, field))
    return closed, re.compile(rb'(?:%b%b)*+"(?:[^"]|"")*+' % (field, between))


def csv_records(lines: Iterable[bytes], separator: str = ",", width: int = 0) -> Iterator[tuple[int, bytes]]:
    """Number of the first line, from 1, and the bytes of each record, without its last line end.

    `width` is the number of fields of a record, by default that of the first.

    A record ends with the first line at whose end no quoted field is open. Where its quotes break the rules of
    RFC 4180, or stay open for `MOST_LINES`, or it has not as many fields, the first line is a record of its own, with
    its broken quote, and the next record begins after it: as far as what follows shows it, a stray quote costs the
    line that it is in.
    """
    source, again, number = iter(lines), deque[bytes](), 1

    def next_line() -> bytes | None:
        return again.popleft() if again else next(source, None)

    while (line := next_line()) is not None:
        held, is_open = [line], _is_open(line, False, separator)
        while is_open and len(held) < MOST_LINES and (line := next_line()) is not None:
            held.append(line)
            is_open = _is_open(line, True, separator)
        if len(held) > 1 and (is_open is not False or width not in (0, _width(held, separator))):
            again.extendleft(reversed(held[1:]))
            held = held[:1]
        width = width or _width(held, separator)
        yield number, b"".join(held).removesuffix(b"\n")
        number += len(held)


def _width(lines: list[bytes], separator: str) -> int:
    """The number of fields of a record; 0 where its quotes are broken."""
    return len(csv_fields(_ended(b"".join(lines)).decode("latin-1"), separator) or ())


def _ended(text: bytes) -> bytes:
    return text.removesuffix(b"\n").rstrip(b"\r")  # some write \r\r\n


def _is_open(line: bytes, was_open: bool, separator: str) -> bool | None:
    """Whether a quoted field is open at the end of a line, at whose beginning one was or not; None: broken quotes."""
    if b'"' not in line:
        return was_open
    text = b'"' + line if was_open else line
    closed, is_open = _patterns(separator)
    if closed.fullmatch(_ended(text)):
        return False
    return True if is_open.fullmatch(text) else None
