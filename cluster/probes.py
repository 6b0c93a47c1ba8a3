"""Looking at a service from outside: does its page answer, and what did it log last?"""

from __future__ import annotations

import urllib.request
from pathlib import Path


def answers(url: str) -> bool:
    """Whether a GET of the address is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, indented, for an error message."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (nothing was logged)"
