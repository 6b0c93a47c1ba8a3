"""Every release of MovieLens, recognized by the names of its files, as the same few raw files.

100K has u.data and u.item (tabs and bars, Latin-1), 1M and 10M have .dat files (`::`), 20M and later CSV with a header,
under other names in the copies on Kaggle. Any file may be packed, and any but movies and ratings may be missing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from domain.cleaning.layouts import Layout, layout_of, usual
from domain.contract.files import PACKED
from domain.contract.generated import is_marked
from domain.contract.movielens import GENOME, HEADERS, NAMES, NEEDED, file_of, release_folder, unpack_release
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.raw_files import Header, RawFile, absent, survey

log = logging.getLogger(__name__)

COLUMNS = {kind: tuple(header.split(",")) for kind, header in {**HEADERS, **GENOME}.items()}
OTHER_NAMES = {
    "userId": ("user", "uid"),
    "movieId": ("movie", "mid", "item", "itemId"),
    "rating": ("stars", "score"),
    "timestamp": ("time", "date", "datetime", "ratedAt"),
    "title": ("name", "movieTitle"),
    "genres": ("genre",),
}
OPTIONAL = ("genres", "imdbId", "tmdbId")  # columns that a file may lack
GENRES_OF_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
FIRST_GENRE = 5  # its place in a line of u.item, after number, title, two dates and an address
# files without a header, by the beginnings of their names
WITHOUT_HEADER = {
    "u.data": usual(COLUMNS["ratings"], "\t", first=1),
    "u.item": Layout(COLUMNS["movies"], (0, 1, -1), FIRST_GENRE + len(GENRES_OF_100K), "|", quoted=False, first=1),
    **{f"{kind}.dat": usual(COLUMNS[kind], "::", first=1) for kind in ("movies", "ratings", "tags")},
}


def find(folder: Path, kinds: Sequence[str] = tuple(NAMES)) -> dict[str, Path]:
    """Which file of a folder is which kind; of the kinds that are there.

    Raises:
        JobError: there is no such folder, or it lacks a file that is needed.
    """
    if not folder.is_dir():
        raise JobError(f"{folder}: no such folder or zip. Name a MovieLens release with --movielens.")
    folder = release_folder(folder)
    names = [entry.name for entry in folder.iterdir() if entry.name[0] not in "._"]
    found = {kind: folder / name for kind in kinds if (name := file_of(kind, names))}
    if missing := [kind for kind in NEEDED if kind in kinds and kind not in found]:
        known = "; ".join(f"{kind}: {' or '.join(NAMES[kind])}" for kind in missing)
        there = ", ".join(sorted(names)[:10]) or "nothing"
        raise JobError(
            f"{folder}: no {' and no '.join(missing)} ({known}), packed or not. It has {there}. Name the folder of a"
            " MovieLens release with --movielens."
        )
    return found


def survey_release(folder: Path, work: Path, kinds: Sequence[str] = tuple(NAMES)) -> dict[str, RawFile]:
    """The files of a release, found, checked and counted; those that it lacks have no lines.

    The tag genome is there when both of its files are.

    Args:
        folder: of the release, or its zip.
        work: a folder of the run, for plain copies of files that are packed or in another encoding.
        kinds: keys of NAMES.

    Raises:
        JobError: see `find` and `survey`.
    """
    found = find(_unpacked(folder, work / "unpacked") if folder.is_file() else folder, kinds)
    found = {kind: path for kind, path in found.items() if kind in NEEDED or path.is_dir() or path.stat().st_size}
    if not set(GENOME) <= found.keys():
        found = {kind: path for kind, path in found.items() if kind not in GENOME}
    for kind in kinds:
        if kind not in found and kind in HEADERS:
            log.info("%s has no %s, or nothing in them; they are optional.", folder, kind)
    return {
        kind: survey(found[kind], kind, _header(found[kind], kind), work)
        if kind in found
        else absent(kind, usual(COLUMNS[kind]))
        for kind in kinds
    }


def is_invented(folder: Path) -> bool:
    """Whether a generator has made the release, a folder or a zip."""
    return is_marked(release_folder(folder) if folder.is_dir() else folder)


def _unpacked(archive: Path, folder: Path) -> Path:
    """The files of a release in a zip, taken out into `folder`."""
    folder.mkdir(parents=True)
    try:
        unpack_release(archive, folder)
    except BadZipFile as error:
        raise JobError(
            f"{archive}: no whole zip ({error}). Name the folder or the zip of a MovieLens release."
        ) from error
    return folder


def _header(path: Path, kind: str) -> Header:
    name = path.name.lower()
    plain = next(name.removesuffix(ending) for ending in reversed(PACKED) if name.endswith(ending))
    fixed = WITHOUT_HEADER.get(plain)
    columns = {column: OTHER_NAMES.get(column, ()) for column in COLUMNS[kind]}

    def header(lines: Sequence[str]) -> Layout:
        if fixed and any(fixed.separator in line for line in lines):  # else it was saved again as CSV
            return fixed
        return layout_of(lines, columns, OPTIONAL)

    return header


def genre_places(layout: Layout) -> dict[str, int]:
    """Of a file that has a column of 0 and 1 for each genre: the place of each, else nothing."""
    flags = layout.separator == "|" and layout.width == FIRST_GENRE + len(GENRES_OF_100K)
    return {name: FIRST_GENRE + at for at, name in enumerate(GENRES_OF_100K)} if flags else {}
