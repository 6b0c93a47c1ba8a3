"""Folders that appear whole, and folders that are gone afterwards.

`attempt`: a new one, written beside its place under a lock, renamed when complete, found after a kill. `swap_in`: one
that takes the place of an earlier one. `scratch`: one that is needed only while a job runs.
"""

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
        staged = staged_for(final)
        staged.mkdir()
        yield staged


def complete(final: Path) -> None:
    """Give the folder of an attempt its final name, at once."""
    staged_for(final).rename(final)
    _lock(final).unlink()


def discard(final: Path) -> None:
    """Remove the folder of an attempt, or the completed one."""
    for folder in (staged_for(final), final):
        shutil.rmtree(folder, ignore_errors=True)
    _lock(final).unlink(missing_ok=True)


def abandoned(parent: Path) -> list[Path]:
    """Final names of the attempts under `parent` that were not completed and whose process has ended, oldest first."""
    finals = [parent / staged.name[1 : -len(".staged")] for staged in parent.glob(".*.staged")]
    return sorted(final for final in finals if not _is_held(_lock(final)))


def contents(final: Path) -> Path:
    """Where the files are now: under the final name, or still staged."""
    return final if final.exists() else staged_for(final)


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def staged_for(final: Path) -> Path:
    """Where a folder is filled that will be `final`: beside it, hidden."""
    return final.with_name(f".{final.name}.staged")


def _lock(final: Path) -> Path:
    return final.with_name(f".{final.name}.lock")


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """The folder, which is gone afterwards, whatever happened."""
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap_in(staged: Path, final: Path) -> None:
    """Put the complete folder `staged` in the place of `final`, so that a reader finds one or the other, whole.

    A kill between the two renames leaves `final` under its backup's name: `recover` puts it back.
    """
    recover(final)
    backup = _backup(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.rename(backup)
    staged.rename(final)
    shutil.rmtree(backup, ignore_errors=True)


def recover(final: Path) -> None:
    """Undo a `swap_in` that was killed half-way; harmless at any other time."""
    backup = _backup(final)
    if backup.exists():
        if final.exists():
            shutil.rmtree(backup)
        else:
            backup.rename(final)


def _backup(final: Path) -> Path:
    return final.with_name(f".{final.name}.before")
