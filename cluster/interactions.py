"""Keep what people did at the site when Cassandra's data are removed, and bring it back: DATA_DIR/interactions.

In both runtimes: `run` is how `python -m cql.interactions` is run beside Cassandra there.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cluster.errors import ClusterError, writing

MODULE = "cql.interactions"
ENDING = ".jsonl"
BROUGHT_BACK = "brought-back"  # the newest that is in Cassandra again, in case that this is removed by other means

Run = Callable[[str, IO[str] | None, IO[str] | None], None]  # export or restore, from where, to where


def keep(data_dir: Path, run: Run, instead: str) -> None:
    """Write ratings and votes to a file that appears whole or not at all, on the disk before this returns.

    Raises:
        ClusterError: it could not be done; `instead` is the way to remove them nevertheless.
    """
    path = data_dir / "interactions" / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}{ENDING}"
    staged = path.with_name(f".{path.name}.staged")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with staged.open("w+", encoding="utf-8") as file:
                run("export", None, file)
                rows = _rows(file)
                os.fsync(file.fileno())
            if rows:
                staged.replace(path)
        except ClusterError as error:
            raise ClusterError(
                f"Ratings and votes could not be kept in {path.parent}, so nothing was removed: {error}\n"
                "Run `make up`, after an update `make setup`, and then `make down VOLUMES=1` again. "
                f"To lose them: {instead}."
            ) from error
        finally:
            staged.unlink(missing_ok=True)
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    if rows:
        print(f"Ratings and votes ({rows:,}) are kept in {path}: `make up` brings them back.", flush=True)


def bring_back(data_dir: Path, run: Run) -> None:
    """Write what was kept to the tables, where nothing newer is replaced.

    Raises:
        ClusterError: a file could not be read or written; it stays, and the next `make up` tries again.
    """
    folder = data_dir / "interactions"
    for path in sorted(folder.glob(f"*{ENDING}")):
        with path.open(encoding="utf-8") as file:
            try:
                run("restore", file, None)
            except ClusterError as error:
                raise ClusterError(
                    f"{path} could not be brought back: {error}\n"
                    "Run `make up` again, or move the file away to go on without it."
                ) from error
            rows = _rows(file)
        path.replace(folder / BROUGHT_BACK)
        print(f"Ratings and votes ({rows:,}) are back from {path}.", flush=True)


def _rows(file: IO[str]) -> int:
    """How many rows the last line of an export says that it has.

    Raises:
        ClusterError: it ended before it was whole.
    """
    file.seek(0)
    last = deque(file, maxlen=1)
    try:
        return int(json.loads("".join(last))["rows"])
    except (ValueError, TypeError, KeyError) as error:
        raise ClusterError("the export ended early") from error


def run_between(
    command: Sequence[str], folder: Path, environ: Mapping[str, str], source: IO[str] | None, target: IO[str] | None
) -> str:
    """Run a command that reads one file and writes another; returns what it says if it fails, else nothing."""
    answer = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        stdin=source or subprocess.DEVNULL,
        stdout=target or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    return (answer.stderr.strip() or f"{command[0]} failed without a word") if answer.returncode else ""
