"""A folder of the user's own files: whether it is whole, and a copy of it for containers, which see DATA_DIR only."""

from __future__ import annotations

import shutil
from pathlib import Path

from cluster.errors import writing
from domain.contract.catalogue import NAMES
from domain.contract.files import PACKED, one_named
from domain.contract.generated import carry_mark

ENDINGS = tuple(
    ending + packed for ending in (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson") for packed in PACKED
)  # of what is copied


def problem_of(variable: str, folder: Path, needed: tuple[str, str]) -> str:
    """What is wrong with the folder that `variable` names: empty, or a message that says what it lacks."""
    if not folder.is_dir():
        return f"{variable}: {folder} is no folder. It needs {' and '.join(needed)}."
    missing = [name for name in needed if not _has(folder, name)]
    return f"{variable}: {folder} has no {' and no '.join(missing)}." if missing else ""


def _has(folder: Path, name: str) -> bool:
    """Whether it is there; one of the catalogue's files also in upper case or packed."""
    other_names = NAMES.get(name.removesuffix(".csv"), ())
    return (folder / name).exists() or one_named(other_names, (path.name for path in folder.iterdir())) is not None


def copy_files(folder: Path, copy: Path) -> None:
    """Replace `copy` by the files of `folder` that jobs read: CSV and JSON, packed or not, parts, the marker."""
    shutil.rmtree(copy, ignore_errors=True)
    for given in (path for path in folder.rglob("*") if _is_read(path) and path.is_file()):
        copied = copy / given.relative_to(folder)
        with writing(copied):
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, copied)  # without its mode: a copy that is read-only could not be replaced
    carry_mark(folder, copy)


def _is_read(path: Path) -> bool:
    is_part = path.parent.name.lower() in {name for names in NAMES.values() for name in names}
    return is_part or path.name.lower().endswith(ENDINGS)
