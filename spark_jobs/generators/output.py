"""Folders that generators make: they appear whole and replace nothing but an earlier one of their kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import recover, staged_for, swap_in


@contextmanager
def replacing(out: Path, what: str, mark: str) -> Iterator[Path]:
    """The path of a folder to make, which takes the place of `out` when the block ends without an error.

    `mark` is the name of what only a generated `what` holds.

    Raises:
        JobError: `out` holds something else.
    """
    recover(out)
    if out.exists() and not (out / mark).exists():
        raise JobError(f"{out}: not a generated {what}, so it is not replaced. Remove it, or name another --out.")
    staged = staged_for(out)
    shutil.rmtree(staged, ignore_errors=True)
    yield staged
    swap_in(staged, out)
