"""The last words of a run, from its counts: what went in, what is clean, what was rejected and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

REASONS = 4  # of a file, that are named


def of_cleaning(counts: Mapping[str, int], facts: Mapping[str, Any], room: int = 3) -> list[str]:
    """Lines on the files that were cleaned, at most three; none where none was.

    `counts` are those of `account` in rejects.py. Of `facts` it tells `first_rejected`, `absent` (names of files that
    may be missing and are) and `unchanged`. With less `room` the second line has what the third would have.
    """
    names = [name.removesuffix(".in") for name in counts if name.endswith(".in")]
    names = [name for name in names if f"{name}.clean" in counts]
    if not names:
        return []
    lost = [name for name in names if counts[f"{name}.rejected"]]
    absent = ", ".join(f"no {name}" for name in facts.get("absent") or ())
    read = _counted(counts, names, "in") + (f" ({absent})" if absent else "")
    lines = [f"in: {read} · clean: {_counted(counts, names, 'clean') if lost else 'all'}"]
    lines.append(f"rejected: {', '.join(_rejected(counts, name) for name in lost) or 'nothing'}")
    if facts.get("unchanged"):
        lines.append("unchanged: these files were cleaned by an earlier run, and nothing is stored anew")
    elif first := facts.get("first_rejected"):
        lines.append(f"first: {first['line']}")
    return lines if len(lines) <= room else [lines[0], "; ".join(lines[1:])]


def _counted(counts: Mapping[str, int], names: Collection[str], side: str) -> str:
    return ", ".join(f"{counts[f'{name}.{side}']:,} {name}" for name in names)


def _rejected(counts: Mapping[str, int], name: str) -> str:
    """How many lines of a file, and for which reasons; the numbers add up."""
    start = f"{name}.rejected."
    reasons = {key.removeprefix(start): count for key, count in counts.items() if key.startswith(start)}
    by_count = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{count:,} {reason}" for reason, count in by_count[:REASONS]]
    if others := [count for _, count in by_count[REASONS:]]:
        told.append(f"{sum(others):,} for {len(others)} other reason{'s' * (len(others) > 1)}")
    return f"{counts[f'{name}.rejected']:,} of {name} ({', '.join(told)})"
