"""Where a job keeps what it needs only while it runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """The folder, which is gone afterwards, whatever happened."""
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
