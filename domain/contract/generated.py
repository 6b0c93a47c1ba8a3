"""What is invented: the marker in a folder that a generator has made, and the id of a data set that was made from it.

A folder without a marker is real. Whatever names the data set tells by its id whether that is invented.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile

from domain.contract.files import write_json

MARKER = "GENERATED"
TRUTH = "truth/fake_profiles.csv"  # of all invented ratings, also those from before there was a marker beside them
ENDING = "-generated"
NEAR = 2  # folders above a file in which a marker is looked for: a set has its files in folders of its own
# the ids by which older versions called what generators had made, after the folders that these fill by default
_OLDER_SAMPLE = re.compile(r"sample(-full)?-[0-9a-f]{8}")
_OLDER = re.compile(r"(catalogue|songs)-[0-9a-f]{8}")
_DEFAULT_NAMES = ("sample", "sample-full", "catalogue", "songs")


def mark(folder: Path, by: str) -> None:
    """Say in `folder` that the job `by` has made up what it holds."""
    write_json(folder / MARKER, {"generated": True, "by": by})


def is_marked(place: Path) -> bool:
    """Whether a folder, or a zip of one, says that it is made up."""
    if not place.is_file():
        return (place / MARKER).is_file() or (place / TRUTH).is_file()
    try:
        with ZipFile(place) as archive:
            return any(PurePath(name).name == MARKER or name.endswith(TRUTH) for name in archive.namelist())
    except (BadZipFile, OSError):
        return False


def is_in_marked(path: Path) -> bool:
    """Whether a file, or a folder of parts, is of a set that is made up."""
    return any(is_marked(place) for place in (path, *path.parents[:NEAR]))


def carry_mark(given: Path, copy: Path) -> None:
    """Let a copy of a folder say of itself what the folder says."""
    if is_marked(given):
        mark(copy, f"copied from {given}")
    else:
        (copy / MARKER).unlink(missing_ok=True)


def dataset_id(name: str, digest: str, generated: bool) -> str:
    """The id of a data set from a folder of this name: one that is invented says so at its end."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    if generated:
        return f"{plain}-{digest}{ENDING}"
    return f"{'own-' if plain in _DEFAULT_NAMES else ''}{plain}-{digest}"  # not to look like an older invented one


def is_generated(dataset_id: str | None) -> bool:
    """Whether the id is that of an invented data set."""
    return dataset_id is not None and (dataset_id.endswith(ENDING) or bool(_OLDER_SAMPLE.fullmatch(dataset_id)))


def may_be_generated(dataset_id: str) -> bool:
    """Whether an older version has named it, and named invented data so: the record of its run tells more."""
    return bool(_OLDER.fullmatch(dataset_id))


def is_default_folder(folder: str | None) -> bool:
    """Whether a record of an older version names the folder that a generator fills by default; none was that one."""
    return folder in (None, "None") or PurePath(str(folder)).parts[-2:] in {("raw", name) for name in _DEFAULT_NAMES}
