"""Lines with random faults, for laws that hold whatever a file has."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

LINES = int(os.environ.get("MUTATIONS") or 3_000)  # in a run of such a law; a million now and then, by hand
PIECES = ("", ",", ";", ":", '"', "'", "{", "}", "[", "]", "\\", "\n", "\r", "\t", "\x00", " ", "é", "\ufeff", "😀")
VALUES = ("NaN", "null", "None", "NA", "-1", "1e400", "0x10", "1,5", "99999999999999999999", "True", "nan", "Infinity")


def mutated(rng: random.Random, line: str, pieces: Sequence[str] = PIECES) -> str:
    """The line, of every second time with up to four faults in it."""
    for _ in range(rng.randint(1, 4) if rng.random() < 0.5 else 0):
        at = rng.randrange(len(line) + 1)
        line = line[:at] + rng.choice((*pieces, *VALUES)) + line[at + rng.randint(0, 3) :]
    return line


def bytes_of(rng: random.Random, lines: Sequence[str]) -> bytes:
    """The lines as a file, one in fifty of them in another encoding."""
    return b"\n".join(line.encode("utf-16-le" if rng.random() < 0.02 else "utf-8", "surrogatepass") for line in lines)
