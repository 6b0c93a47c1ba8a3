"""Bring the four files of MovieLens to a folder that jobs can read, and note in DATA_DIR/raw/source.json which it is.

In this order: what MOVIELENS_DIR names (a folder, used in place or copied for containers, or a zip); for SIZE=sample
nothing, as the pipeline generates it; what an earlier call fetched; the download; and, when its server cannot be
reached, a generated sample of the asked size after all.

Example: python -m cluster.fetch.movielens s
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.choose import choose_name
from cluster.errors import DownloadUnreachable, FetchFailed, exit_with_message
from cluster.fetch.download import download, read_text
from cluster.locks import exclusive
from cluster.settings import SIZES, Settings
from domain.contract.movielens import DOWNLOADS, SAMPLES

SERVER = "https://files.grouplens.org/datasets/movielens"
FILES = ("movies.csv", "ratings.csv", "tags.csv", "links.csv")


@dataclass(frozen=True)
class DataSource:
    """The raw data that the pipeline works on."""

    name: str  # ml-latest-small | ml-latest | one of SAMPLES | the name of the user's own folder or zip
    folder: Path
    generated: bool  # by the job generate_sample, which the pipeline runs when the folder is empty

    def save(self, raw: Path) -> None:
        """Note it in `raw`/source.json."""
        raw.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), default=str, indent=1)
        staged = raw / "source.json.new"
        staged.write_text(text + "\n")
        staged.replace(raw / "source.json")

    @classmethod
    def load(cls, raw: Path) -> DataSource:
        """The one that was noted last.

        Raises:
            FetchFailed: none was, or the note is damaged.
        """
        try:
            noted = json.loads((raw / "source.json").read_text())
            return cls(noted["name"], Path(noted["folder"]), noted["generated"])
        except (OSError, ValueError, KeyError) as error:
            raise FetchFailed(f"{raw}/source.json does not say which data to use: run `make setup`.") from error


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
        return _own_copy(settings.movielens_dir, raw)
    sample = DataSource(SAMPLES[size], raw / SAMPLES[size], generated=True)
    if size == "sample":
        return sample
    try:
        return _downloaded(DOWNLOADS[size], server, raw)
    except DownloadUnreachable as error:
        return _instead(error, raw, sample)


def _instead(error: DownloadUnreachable, raw: Path, sample: DataSource) -> DataSource:
    """What to use when the server cannot be reached: real data that was used before, else the generated `sample`."""
    try:
        before = DataSource.load(raw)
        if not before.generated:
            check_files(before.folder)
            print(f"{error} Going on with {before.name} in {before.folder}, as the last time.", flush=True)
            return before
    except FetchFailed:
        pass  # nothing was used before, or it is gone
    print(f"{error} Going on with a generated sample of that size; MOVIELENS_DIR can name a local copy.", flush=True)
    return sample


def _own_copy(given: Path, raw: Path) -> DataSource:
    """What MOVIELENS_DIR names: used in place when it is a folder, unpacked when it is a zip."""
    if given.is_dir():
        check_files(given)
        return DataSource(given.name, given, generated=False)
    if not given.is_file():
        raise FetchFailed(
            f"MOVIELENS_DIR={given} does not exist: name a folder with {', '.join(FILES)}, or a zip of it."
        )
    # a changed zip of the same name is another folder
    stamp = f"{given.stat().st_size}-{given.stat().st_mtime_ns}"
    folder = raw / f"{given.stem}-{hashlib.sha256(stamp.encode()).hexdigest()[:8]}"
    if not folder.is_dir():
        unpack(given, folder)
    return DataSource(given.stem, folder, generated=False)


def _inside(source: DataSource, settings: Settings) -> DataSource:
    """The source under DATA_DIR, copied there unless it is there already: containers see that folder only."""
    folder = settings.inside(source.folder)
    if folder == source.folder:
        return source
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        given, copy = source.folder / name, folder / name
        if not copy.exists() or _stamp(copy) != _stamp(given):
            print(f"  copying {given} ({given.stat().st_size / 1e6:.1f} MB)", flush=True)
            staged = copy.with_suffix(".new")
            shutil.copy2(given, staged)  # with its time, which tells a changed file
            staged.chmod(0o644)
            staged.replace(copy)
    return DataSource(source.name, folder, generated=False)


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
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != published[0]:
        archive.unlink()
        raise FetchFailed(f"{archive.name} has MD5 {found}, but {url} says {published[0]}: run it again.")


def unpack(archive: Path, folder: Path) -> None:
    """Take the four files out of a zip into `folder`, which appears whole or not at all.

    Only the four names are written, whatever folders the zip has them in, so no path can lead out of `folder`.

    Raises:
        FetchFailed: it is no whole zip, or lacks a file.
    """
    staging = folder.with_name(f"{folder.name}.staging")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as content:
            members = {Path(info.filename).name: info for info in content.infolist() if not info.is_dir()}
            for name in sorted(members.keys() & set(FILES)):
                print(f"  unpacking {name} ({members[name].file_size / 1e6:.1f} MB)", flush=True)
                with content.open(members[name]) as packed, (staging / name).open("wb") as target:
                    shutil.copyfileobj(packed, target, 1 << 20)  # compares the CRC at the end
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        shutil.rmtree(staging)
        raise FetchFailed(f"{archive} is not a whole zip ({error}): it is damaged or was cut off.") from error
    try:
        check_files(staging, shown=archive)
    except FetchFailed:
        shutil.rmtree(staging)
        raise
    staging.rename(folder)


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
