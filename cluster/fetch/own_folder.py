"""A folder of the user's own files: whether it is whole, and a copy of it for containers, which see DATA_DIR only."""

from __future__ import annotations

import shutil
from pathlib import Path

from cluster.errors import writing

SUFFIXES = (".csv", ".json")  # of what is copied


def problem_of(variable: str, folder: Path, needed: tuple[str, str]) -> str:
    """What is wrong with the folder that `variable` names: empty, or a message that says what it lacks."""
    if not folder.is_dir():
        return f"{variable}: {folder} is no folder. It needs {' and '.join(needed)}."
    missing = [name for name in needed if not (folder / name).exists()]
    return f"{variable}: {folder} has no {' and no '.join(missing)}." if missing else ""


def copy_files(folder: Path, copy: Path) -> None:
    """Replace `copy` by the CSV and JSON files of `folder`."""
    shutil.rmtree(copy, ignore_errors=True)
    for given in (path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
        copied = copy / given.relative_to(folder)
        with writing(copied):
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, copied)  # without its mode: a copy that is read-only could not be replaced
