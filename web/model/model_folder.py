"""Arrays of a model as files that all processes of the site on one machine map, so that they are in memory once.

The folder is ours alone and has one folder a run, which appears whole. Whoever looks holds the folder's lock: the first
process stores, the others find. A removed folder's pages stay for those who have mapped them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cql.connect import Contact
from domain.serving.arrays import About, Form, checked

Arrays = dict[str, NDArray[Any]]
PartsOf = Callable[[str, int], Iterable[bytes | None]]

STAGED = ".staged"


def model_folder(contact: Contact) -> Path:
    """The folder for the models of one keyspace, below that for temporary files."""
    place = hashlib.sha256(f"{contact.address} {contact.keyspace}".encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"recommender-model-{place}-{os.getuid()}"


def mapped(folder: Path, run_id: str, about: About, parts_of: PartsOf) -> Arrays:
    """The arrays of a run, mapped from its folder; it is made where it is not whole, and those of other runs go.

    Args:
        folder: see `model_folder`.
        run_id: names its folder.
        about: what its arrays are.
        parts_of: reads them; see `from_parts`.

    Raises:
        OSError: the folder cannot be used: it is not ours alone, the disk is full, …
        UnreadableModel: parts are missing or damaged.
    """
    with _locked(folder):
        if (found := _whole(folder / run_id, about)) is None:
            _store(folder / run_id, about, parts_of)
            found = _map(folder / run_id, about)
        _remove_others(folder, run_id)
        return found


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder, which is made where it is not; the lock ends with the process."""
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a folder of this user alone: remove it")
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _whole(folder: Path, about: About) -> Arrays | None:
    """What is in the folder of a run, None where that is not what it should be: a machine may have lost power."""
    try:
        return _map(folder, about)
    except (OSError, ValueError):
        return None


def _map(folder: Path, about: About) -> Arrays:
    """The arrays in the folder of a run.

    Raises:
        OSError: one is not there.
        ValueError: one is not what it should be.
    """
    found = {}
    for name, form in about.forms.items():
        array = np.lib.format.open_memmap(folder / f"{name}.npy", mode="r").view(np.ndarray)
        if (array.dtype, array.shape) != (form.dtype, form.shape):
            raise ValueError(f"{folder / name}.npy is {array.dtype} {array.shape}, not {form.dtype} {form.shape}")
        found[name] = array
    return found


def _store(final: Path, about: About, parts_of: PartsOf) -> None:
    """Write the arrays to a new folder, part by part; it gets its name when it is whole."""
    staged = final.with_name(STAGED)
    for left in (staged, final):
        shutil.rmtree(left, ignore_errors=True)
    staged.mkdir(mode=0o700)
    try:
        for name, form in about.forms.items():
            with (staged / f"{name}.npy").open("xb") as file:
                _write(file, form, checked(name, form, parts_of(name, form.parts)))
        staged.rename(final)
    finally:
        shutil.rmtree(staged, ignore_errors=True)  # on a full disk it would be in the way of others


def _write(file: IO[bytes], form: Form, parts: Iterable[bytes]) -> None:
    """Write one array as NumPy does. Not through a map of the file: on a full disk that would kill the process."""
    header = {"descr": form.dtype.str, "fortran_order": False, "shape": form.shape}
    np.lib.format.write_array_header_1_0(file, header)
    for data in parts:
        file.write(data)
    file.flush()
    os.fsync(file.fileno())  # else the folder could be renamed, and the power lost, before its contents are there


def _remove_others(folder: Path, run_id: str) -> None:
    for each in folder.iterdir():
        if each.is_dir() and each.name != run_id:
            shutil.rmtree(each, ignore_errors=True)
