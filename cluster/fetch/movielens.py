"""Bring the files of MovieLens to a folder that jobs can read, and note in DATA_DIR/raw/source.json which it is.

In this order: what MOVIELENS_DIR names (a folder, used in place or copied for containers, or a zip); for SIZE=sample
nothing, as the pipeline generates it; what an earlier call fetched; the download; and, when its server cannot be
reached, a generated sample of the asked size after all.

Example: python -m cluster.fetch.movielens s
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

from cluster.choose import choose_name
from cluster.errors import DownloadUnreachable, FetchFailed, exit_with_message
from cluster.fetch.download import download, read_text
from cluster.fetch.source import DataSource, check_files, files, is_fetched
from cluster.locks import exclusive
from cluster.settings import SIZES, Settings
from domain.contract.generated import carry_mark
from domain.contract.movielens import DOWNLOADS, SAMPLES, release_folder, unpack_release

SERVER = "https://files.grouplens.org/datasets/movielens"


def fetch_movielens(settings: Settings, size: str, server: str = SERVER, in_place: bool = True) -> DataSource:
    """Bring the data in and note where it is; `in_place` says that the jobs can read a folder outside DATA_DIR.

    Raises:
        FetchFailed: MOVIELENS_DIR is not usable, or the download is damaged.
    """
    raw = settings.data_dir / "raw"
    try:
        with exclusive(raw / ".lock", "another fetch of MovieLens"):
            source = _source(settings, size, server, raw)
            if not in_place:
                source = _inside(source, settings)
            source.save(raw)
    except OSError as error:
        raise FetchFailed(f"{error.filename or raw}: {error.strerror or error}.") from error
    return source


def _source(settings: Settings, size: str, server: str, raw: Path) -> DataSource:
    if settings.movielens_dir:
        source = _own_copy(settings.movielens_dir, raw)
        if not source.folder.is_dir():
            unpack(settings.movielens_dir, source.folder)
        return source
    if size == "sample":
        return _sample(size, raw)
    try:
        return _downloaded(DOWNLOADS[size], server, raw)
    except DownloadUnreachable as error:
        if before := _used_before(raw):
            print(f"{error} Going on with {before.name} in {before.folder}, as the last time.", flush=True)
            return before
        instead = "a generated sample of that size; MOVIELENS_DIR can name a local copy"
        print(f"{error} Going on with {instead}.", flush=True)
        return _sample(size, raw)


def _sample(size: str, raw: Path) -> DataSource:
    return DataSource(SAMPLES[size], raw / SAMPLES[size], generated=True)


def _used_before(raw: Path) -> DataSource | None:
    """The real data that the last call brought, unless they are gone."""
    try:
        before = DataSource.load(raw)
        check_files(before.folder)
    except FetchFailed:
        return None
    return None if before.generated else before


def foreseen(settings: Settings, in_place: bool) -> DataSource:
    """What `fetch_movielens` is going to note, told without a network and without writing anything.

    Where it has a file to download, that is what an earlier call went on with when it could not, or else the download.

    Raises:
        FetchFailed: MOVIELENS_DIR is not usable.
    """
    raw, size = settings.data_dir / "raw", settings.size
    if settings.movielens_dir:
        source = _own_copy(settings.movielens_dir, raw)
        return source if in_place else replace(source, folder=settings.inside(source.folder))
    if size == "sample":
        return _sample(size, raw)
    download = DataSource(DOWNLOADS[size], raw / DOWNLOADS[size], generated=False)
    if is_fetched(download):
        return download
    try:
        noted = DataSource.load(raw)
    except FetchFailed:
        return download
    return noted if noted == _sample(size, raw) else _used_before(raw) or download


def _own_copy(given: Path, raw: Path) -> DataSource:
    """What MOVIELENS_DIR names: a folder, used in place, or a zip, which is unpacked to a folder of its own."""
    if given.is_dir():
        folder = release_folder(given)
        check_files(folder)
        return DataSource(given.name, folder, generated=False)
    if not given.is_file():
        raise FetchFailed(f"MOVIELENS_DIR={given} does not exist: name the folder of a MovieLens release, or its zip.")
    # a changed zip of the same name is another folder
    stamp = f"{given.stat().st_size}-{given.stat().st_mtime_ns}"
    folder = raw / f"{given.stem}-{hashlib.sha256(stamp.encode()).hexdigest()[:8]}"
    return DataSource(given.stem, folder, generated=False)


def _inside(source: DataSource, settings: Settings) -> DataSource:
    """The source under DATA_DIR, copied there unless it is there already: containers see that folder only."""
    folder = settings.inside(source.folder)
    if folder == source.folder:
        return source
    folder.mkdir(parents=True, exist_ok=True)
    there = files(source.folder)
    for kind, old in files(folder).items():  # of what the folder had before, under another name
        if kind not in there or there[kind].name != old.name:
            _remove(old)
    for given in there.values():
        copy = folder / given.name
        if given.is_dir() or not copy.exists() or _stamp(copy) != _stamp(given):
            _copy(given, copy)
    carry_mark(source.folder, folder)
    return DataSource(source.name, folder, generated=False)


def _copy(given: Path, copy: Path) -> None:
    """Copy a file, or the folder of its parts, with its time, which tells a changed file."""
    size = sum(part.stat().st_size for part in given.rglob("*")) if given.is_dir() else given.stat().st_size
    print(f"  copying {given} ({size / 1e6:.1f} MB)", flush=True)
    staged = copy.with_suffix(".new")
    _remove(staged)
    if given.is_dir():
        shutil.copytree(given, staged)
        _remove(copy)
    else:
        shutil.copy2(given, staged)
        staged.chmod(0o644)
    staged.replace(copy)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _downloaded(name: str, server: str, raw: Path) -> DataSource:
    folder = raw / name
    if not folder.is_dir():
        archive = raw / f"{name}.zip"
        if not archive.exists():
            print(f"Downloading {server}/{name}.zip …", flush=True)
            _check_sum(download(f"{server}/{name}.zip", archive), f"{server}/{name}.zip.md5")
        try:
            unpack(archive, folder)
        finally:
            archive.unlink()  # whole and unpacked, or damaged
    return DataSource(name, folder, generated=False)


def _check_sum(archive: Path, url: str) -> None:
    """Compare with the published MD5 sum; a server without one is no reason to stop, as the zip has its own sums."""
    published = re.search(r"\b[0-9a-f]{32}\b", (read_text(url) or "").lower())
    if published is None:
        print(f"  {url} is not there: relying on the sums inside the zip", flush=True)
        return
    with archive.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    if md5 != published[0]:
        archive.unlink()
        raise FetchFailed(f"{archive.name} has MD5 {md5}, but {url} says {published[0]}: run it again.")


def unpack(archive: Path, folder: Path) -> None:
    """Take the files of a release out of a zip into `folder`, which appears whole or not at all.

    Only names that a release has are written, whatever folders the zip has them in, so no path leads out of `folder`.

    Raises:
        FetchFailed: it is no whole zip, or lacks a file.
    """
    staging = folder.with_name(f"{folder.name}.staging")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        unpack_release(
            archive, staging, lambda name, size: print(f"  unpacking {name} ({size / 1e6:.1f} MB)", flush=True)
        )
    except BadZipFile as error:
        shutil.rmtree(staging)
        raise FetchFailed(f"{archive} is not a whole zip ({error}): it is damaged or was cut off.") from error
    try:
        check_files(staging, shown=archive)
    except FetchFailed:
        shutil.rmtree(staging)
        raise
    staging.rename(folder)


def main() -> int:
    """The command line; returns the exit code."""
    settings = Settings.from_env()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "size", nargs="?", choices=SIZES, default=settings.size, help="s small, f full, sample generated"
    )
    size = parser.parse_args().size
    source = fetch_movielens(settings, size, in_place=choose_name(settings) == "native")
    print(f"Data: {source.name} in {source.folder}{' (generated by the pipeline)' if source.generated else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
