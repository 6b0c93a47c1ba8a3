"""The raw data that the pipeline works on: which they are, and whether their files are there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.errors import FetchFailed
from domain.contract.files import write_json

FILES = ("movies.csv", "ratings.csv", "tags.csv", "links.csv")


@dataclass(frozen=True)
class DataSource:
    """A folder of raw files, with the name that the user knows it by."""

    name: str  # ml-latest-small | ml-latest | one of SAMPLES | the name of the user's own folder or zip
    folder: Path
    generated: bool  # by the job generate_sample, which the pipeline runs when the folder is empty

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


def is_fetched(source: DataSource) -> bool:
    """Whether all files of a source are there."""
    return all((source.folder / name).is_file() for name in FILES)


def check_files(folder: Path, shown: Path | None = None) -> None:
    """Raise `FetchFailed` naming all files of the four that are missing, empty or unreadable."""
    problems = [f"{name} {problem}" for name in FILES if (problem := _problem(folder / name))]
    if problems:
        raise FetchFailed(f"{shown or folder} is not a copy of MovieLens: {', '.join(problems)}.")


def _problem(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return None if file.read(1) else "is empty"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
