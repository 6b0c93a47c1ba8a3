"""A MovieLens data set as published, in any of its releases, and what a rating may be.

A job may find any of the files as a folder of parts, too.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from domain.contract.files import one_named
from domain.contract.generated import carry_mark

# the names of data sets by size, and of what is generated in place of each
DOWNLOADS = {"s": "ml-latest-small", "f": "ml-latest"}
SAMPLES = {"s": "sample", "f": "sample-full", "sample": "sample"}
HEADERS = {
    "movies": "movieId,title,genres",
    "ratings": "userId,movieId,rating,timestamp",
    "tags": "userId,movieId,tag,timestamp",
    "links": "movieId,imdbId,tmdbId",
}
NEEDED = ("movies", "ratings")  # of the files
GENOME = {"genome-scores": "movieId,tagId,relevance", "genome-tags": "tagId,tag"}
# of each file the names that releases have given it: 20M and later · the copies of 20M on Kaggle · 1M and 10M · 100K
NAMES = {
    "movies": ("movies.csv", "movie.csv", "movies.dat", "u.item"),
    "ratings": ("ratings.csv", "rating.csv", "ratings.dat", "u.data"),
    "tags": ("tags.csv", "tag.csv", "tags.dat"),
    "links": ("links.csv", "link.csv"),
    "genome-scores": ("genome-scores.csv", "genome_scores.csv"),
    "genome-tags": ("genome-tags.csv", "genome_tags.csv"),
}
LISTED = 1000  # ratings in one row of a table, whose lists would have no end otherwise
MOST_STEPS = 100  # of a scale: a histogram has a place for each


def release_folder(folder: Path) -> Path:
    """The folder that has the files: one that has nothing but another stands for that one, as archives unpack."""
    entries = [entry for entry in folder.iterdir() if entry.name[0] not in "._"]
    if len(entries) == 1 and entries[0].is_dir() and not any(file_of(kind, [entries[0].name]) for kind in NAMES):
        return release_folder(entries[0])
    return folder


def release_members(archive: ZipFile) -> dict[str, ZipInfo]:
    """The files of a release in a zip, whatever folder it has them in, by their names alone.

    Raises:
        BadZipFile: it has a file in two folders, so that it is not told which one is meant.
    """
    infos = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    members = {PureWindowsPath(info.filename).name: info for info in infos}  # some archives have \ in their paths
    found = {name: members[name] for kind in NAMES if (name := file_of(kind, members))}
    for info in infos:
        name = PureWindowsPath(info.filename).name
        if name in found and info is not found[name]:
            raise BadZipFile(f"it has {info.filename} and {found[name].filename}, and one release is needed")
    return found


def unpack_release(archive: Path, folder: Path, tell: Callable[[str, int], None] = lambda name, size: None) -> None:
    """Take the files of a release out of a zip into `folder`; `tell` gets the name and the bytes of each before.

    Raises:
        BadZipFile: it is no whole zip, or cannot be read; the message says why.
    """
    try:
        with ZipFile(archive) as content:
            for name, member in sorted(release_members(content).items()):
                tell(name, member.file_size)
                with content.open(member) as packed, (folder / name).open("wb") as target:
                    shutil.copyfileobj(packed, target, 1 << 20)  # compares the CRC at the end
        carry_mark(archive, folder)
    except (zlib.error, EOFError, NotImplementedError, RuntimeError) as error:  # cut off, packed strangely, a password
        raise BadZipFile(str(error)) from error


def file_of(kind: str, names: Iterable[str]) -> str | None:
    """Which of the names in a folder is that of a kind of file, without regard to case; the first of `NAMES` wins."""
    return one_named(NAMES[kind], names)


@dataclass(frozen=True)
class Scale:
    """The stars that a rating may have: from `lowest` to `highest` by `step`."""

    lowest: float = 0.5
    highest: float = 5.0
    step: float = 0.5

    @property
    def stars(self) -> tuple[float, ...]:
        """Every rating that there may be, rising."""
        steps = round((self.highest - self.lowest) / self.step)
        return tuple(round(self.lowest + at * self.step, 6) for at in range(steps + 1))

    @property
    def liked(self) -> float:
        """From where on a rating says that a movie is liked: four of five stars, and as far up on other scales."""
        above = [stars for stars in self.stars if stars >= 0.8 * self.highest]
        return above[0] if self.lowest >= 0 else self.stars[round(0.8 * (len(self.stars) - 1))]

    def __str__(self) -> str:
        return f"{self.lowest:g},{self.highest:g},{self.step:g}"

    @classmethod
    def parse(cls, text: str) -> Scale:
        """The scale written as LOWEST,HIGHEST or LOWEST,HIGHEST,STEP; steps of a half where none is given.

        Raises:
            ValueError: it is not; the sentence says what is allowed.
        """
        try:
            numbers = [float(part) for part in text.split(",")]
            lowest, highest, step = numbers if len(numbers) == 3 else (*numbers, cls.step)
        except ValueError as error:
            raise ValueError(f"{text!r} is not LOWEST,HIGHEST or LOWEST,HIGHEST,STEP, such as 0,10 or 1,5,1") from error
        steps = (highest - lowest) / step if step > 0 else 0.0
        if not 1 <= steps <= MOST_STEPS or abs(steps - round(steps)) > 1e-6:
            raise ValueError(
                f"{text!r}: from lowest to highest there must be 1 to {MOST_STEPS} whole steps of {step:g}"
            )
        return cls(lowest, highest, step)


SCALE = Scale()  # of MovieLens itself
LOWEST, HIGHEST, STEP = SCALE.lowest, SCALE.highest, SCALE.step
STARS = SCALE.stars
