"""Lines of JSON: whether one has a single object, which parsers that stop at the end of the first do not say."""

from __future__ import annotations

import re

SPACE = b" \t\r\n"
# in either quotes, as Spark reads both; one that is not closed goes on to the end
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|' rb"'[^'\\]*(?:\\.[^'\\]*)*(?:'|\Z)", re.DOTALL)
_BRACES = re.compile(rb"[{}]")


def is_one_object(line: bytes) -> bool:
    """Whether a line that begins with a JSON object has nothing but white space after it.

    Most lines have one closing brace, so that it is enough to see that it is the last character: a microsecond a line.
    """
    text = line.rstrip(SPACE)
    if text.count(b"}") == 1:
        return text.endswith(b"}")
    bare = _STRINGS.sub(b"", text)
    return _end_of_object(bare) == len(bare)


def _end_of_object(text: bytes) -> int:
    """The position after the first object of a text without strings, -1 where it does not end."""
    depth = 0
    for brace in _BRACES.finditer(text):
        depth += 1 if brace[0] == b"{" else -1
        if depth == 0:
            return brace.end()
    return -1


def is_plainly_whole(line: bytes) -> bool:
    """Whether it is an object without others in it, and nothing else: a quick look that finds nearly all."""
    text = line.rstrip(SPACE)
    return text[:1] == b"{" and text[-1:] == b"}" and text.count(b"{") == text.count(b"}") == 1


def is_whole(line: bytes) -> bool:
    """Whether a line has an object from its first brace to its last, and nothing else."""
    text = line.strip(SPACE)
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return False
    return text.count(b"{") == text.count(b"}") == 1 or is_one_object(text)
