"""Paths of files as all that read them write them, and files that appear whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PACKED = ("", ".gz", ".bz2", ".xz", ".zip")  # what may follow a name


def one_named(wanted: Iterable[str], names: Iterable[str]) -> str | None:
    """Which of the names in a folder is a wanted one, packed or not, without regard to case; the first wanted wins."""
    there = {name.lower(): name for name in names}
    possible = (name + ending for name in wanted for ending in PACKED)
    return next((there[name] for name in possible if name in there), None)


def plain_path(path: str | Path) -> Path:
    """Absolute and without `.` and `..`, as Hadoop makes it, so that Spark's name of a file is ours, too.

    Symbolic links stay as they are, since Spark keeps them; `..` after one is the folder that the link lies in.
    """
    return Path(os.path.normpath(Path(path).absolute()))


def write_whole(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to a file that appears whole or not at all; its folder is made where there is none.

    Raises:
        OSError: it cannot be written; it has the name of the file, which a full disk alone would not tell.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.staged")
    try:
        staged.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    staged.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as a JSON file that appears whole or not at all; what JSON does not have is written as text."""
    write_whole(path, json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
