"""The raw data that the pipeline works on: which they are, and whether their files are there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.errors import FetchFailed
from domain.contract.files import write_json
from domain.contract.generated import is_marked
from domain.contract.movielens import NAMES, NEEDED, file_of


@dataclass(frozen=True)
class DataSource:
    """A folder of raw files, with the name that the user knows it by."""

    name: str  # ml-latest-small | ml-latest | one of SAMPLES | the name of the user's own folder or zip
    folder: Path
    generated: bool  # by the job generate_sample, which the pipeline runs when the folder is empty

    @property
    def invented(self) -> bool:
        """Whether no user has rated anything of it, whoever has put it there."""
        return self.generated or is_marked(self.folder)

    def save(self, raw: Path) -> None:
        """Note it in `raw`/source.json."""
        write_json(raw / "source.json", asdict(self))

    @classmethod
    def load(cls, raw: Path) -> DataSource:
        """Read what was noted last.

        Raises:
            FetchFailed: none was, or the note is damaged.
        """
        try:
            noted = json.loads((raw / "source.json").read_text(encoding="utf-8"))
            return cls(noted["name"], Path(noted["folder"]), noted["generated"])
        except (OSError, ValueError, KeyError) as error:
            raise FetchFailed(f"{raw}/source.json does not say which data to use: run `make setup`.") from error


def files(folder: Path) -> dict[str, Path]:
    """The files of a MovieLens release that a folder has, by their kind."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return {kind: folder / name for kind in NAMES if (name := file_of(kind, names))}


def is_fetched(source: DataSource) -> bool:
    """Whether the files of a source that are needed are there."""
    return set(NEEDED) <= files(source.folder).keys()


def check_files(folder: Path, shown: Path | None = None) -> None:
    """Raise `FetchFailed` naming all files that are needed and missing or empty, and all that are unreadable."""
    there = files(folder)
    missing = [f"no {kind} ({' or '.join(NAMES[kind])}, packed or not)" for kind in NEEDED if kind not in there]
    unusable = [
        f"{path.name} {problem}"
        for kind, path in there.items()
        if path.is_file() and (problem := _problem(path)) and (kind in NEEDED or path.stat().st_size)
    ]
    if missing or unusable:
        raise FetchFailed(f"{shown or folder} is not a copy of MovieLens: {'; '.join(missing + unusable)}.")


def _problem(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return None if file.read(1) else "is empty"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
