"""Lines of a CSV file put together to records: a quoted field may have line ends in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

MOST_LINES = 200  # of a record: a quote that is not closed within them is a broken one, and no field of the whole file


def csv_records(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number of the first line, from 1, and the bytes of each record, without its last line end.

    A record ends with the first line at which its quotes are even in number. Where none comes within `MOST_LINES`, the
    first line is a record of its own, with its broken quote, and the next record begins after it.
    """
    source, again, number = iter(lines), deque[bytes](), 1

    def next_line() -> bytes | None:
        return again.popleft() if again else next(source, None)

    while (line := next_line()) is not None:
        held, is_open = [line], line.count(b'"') % 2
        while is_open and len(held) < MOST_LINES and (line := next_line()) is not None:
            held.append(line)
            is_open ^= line.count(b'"') % 2
        if is_open:
            again.extendleft(reversed(held[1:]))
            held = held[:1]
        yield number, b"".join(held).removesuffix(b"\n")
        number += len(held)
