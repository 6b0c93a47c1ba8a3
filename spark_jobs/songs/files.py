"""The files of JSON below song_data and log_data, by their content; and which of them a run has not read yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from domain.cleaning.plain_text import NoText, look, plain_chunks
from domain.contract.generated import is_marked
from domain.contract.songplays import is_song_file
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError

KINDS = ("song_data", "log_data")


@dataclass(frozen=True)
class SongFiles:
    """The files of one kind below `folder`, by their paths in it, with a SHA-256 of the content of each."""

    folder: Path
    digests: dict[str, str]
    hidden: int  # files that begin with a dot, or lie in a folder that does: an editor's, not the service's
    others: tuple[str, ...] = ()  # that are not JSON by their names, and not read


def survey_songs(folder: Path) -> dict[str, SongFiles]:
    """The files of both kinds.

    Raises:
        JobError: there is no song_data or log_data, or no JSON file in it, or one cannot be read.
    """
    return {kind: _survey(folder, kind) for kind in KINDS}


def _survey(folder: Path, kind: str) -> SongFiles:
    if not (folder / kind).is_dir():
        raise JobError(
            f"{folder / kind}: no such folder. Name one with song_data and log_data by --songs or SONGS_DIR."
        )
    there = sorted(path for path in (folder / kind).rglob("*") if path.is_file())
    seen = [path for path in there if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    found = [path for path in seen if is_song_file(path.name)]
    hidden = sum(is_song_file(path.name) for path in there) - len(found)
    others = tuple(str(path.relative_to(folder)) for path in seen if not is_song_file(path.name))
    if not found:
        raise JobError(
            f"{folder / kind}: no file of JSON, in no folder below: its name must end in .json, .jsonl or .ndjson,"
            f" packed or not (.gz, .bz2, .xz, .zip). There is {', '.join(others[:10]) or 'nothing'}."
        )
    with ThreadPoolExecutor() as pool:
        digests = {
            str(path.relative_to(folder)): sha for path, sha in zip(found, pool.map(_digest, found), strict=True)
        }
    return SongFiles(folder, digests, hidden, others)


def _digest(path: Path) -> str:
    try:
        if path.stat().st_size and not (seen := look(path)).is_plain:
            for _ in plain_chunks(path, seen):  # to the end: what is damaged is told before any work
                pass
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except NoText as error:
        raise JobError(str(error)) from error
    except OSError as error:
        raise JobError(f"{path}: cannot be read ({error.strerror}).") from error


def songs_id(source: Path, files: dict[str, SongFiles]) -> str:
    """The id of song plays in a folder by the content of their files, whatever these are called."""
    digests = {kind: sorted(set(of_kind.digests.values())) for kind, of_kind in sorted(files.items())}
    return datasets.named(source.name, digests, is_marked(source))


def unread(files: SongFiles, before: Mapping[str, str]) -> SongFiles | None:
    """The files that are not among those read `before` (path → SHA-256); None when one of these changed or is gone."""
    if any(files.digests.get(name) != sha for name, sha in before.items()):
        return None
    return replace(files, digests={name: sha for name, sha in files.digests.items() if name not in before})
