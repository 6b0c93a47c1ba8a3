"""Folders that appear whole: written beside their place under a lock, renamed when complete, found after a kill."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def attempt(final: Path) -> Iterator[Path]:
    """A new folder to fill and then to hand to `complete`, all while this process holds its lock.

    The lock is the kernel's, so that it ends with the process, however that ends; see `abandoned`.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    with _lock(final).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        staged = _staged(final)
        staged.mkdir()
        yield staged


def complete(final: Path) -> None:
    """Give the folder of an attempt its final name, at once."""
    _staged(final).rename(final)
    _lock(final).unlink()


def discard(final: Path) -> None:
    """Remove the folder of an attempt, or the completed one."""
    for folder in (_staged(final), final):
        shutil.rmtree(folder, ignore_errors=True)
    _lock(final).unlink(missing_ok=True)


def abandoned(parent: Path) -> list[Path]:
    """Final names of the attempts under `parent` that were not completed and whose process has ended, oldest first."""
    finals = [parent / staged.name[1 : -len(".staged")] for staged in parent.glob(".*.staged")]
    return sorted(final for final in finals if not _is_held(_lock(final)))


def contents(final: Path) -> Path:
    """Where the files are now: under the final name, or still staged."""
    return final if final.exists() else _staged(final)


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _staged(final: Path) -> Path:
    return final.with_name(f".{final.name}.staged")


def _lock(final: Path) -> Path:
    return final.with_name(f".{final.name}.lock")
