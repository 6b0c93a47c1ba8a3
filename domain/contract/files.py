"""Paths of files as all that read them write them."""

from __future__ import annotations

import os
from pathlib import Path


def plain_path(path: str | Path) -> Path:
    """Absolute and without `.` and `..`, as Hadoop makes it, so that Spark's name of a file is ours, too.

    Symbolic links stay as they are, since Spark keeps them; `..` after one is the folder that the link lies in.
    """
    return Path(os.path.normpath(Path(path).absolute()))
