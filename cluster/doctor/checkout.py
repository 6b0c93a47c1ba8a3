"""This copy of the project: its settings, its packages, its data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cluster.doctor.line import SET_UP, Line, Mark, Place
from cluster.doctor.machine import existing, free_gigabytes, in_environment
from cluster.env_file import doubtful
from cluster.errors import BadSetting, FetchFailed
from cluster.fetch.source import DataSource
from cluster.settings import Settings

DATA = {"s": 2.0, "sample": 2.0, "f": 6.0}  # GB for raw and clean data, models and Cassandra's files
FOLDERS = {"MOVIELENS_DIR": "movielens_dir", "SONGS_DIR": "songs_dir", "CATALOGUE_DIR": "catalogue_dir"}

PIN = re.compile(r"(?m)^([\w.-]+)==([\w.]+)\s*(?:#.*)?$")  # those of some versions of Python only are left out


def settings(place: Place) -> Line:
    """Whether every variable and every line of .env is understood."""
    path = place.root / ".env"
    try:
        chosen = place.settings
        doubts = doubtful(path)
    except BadSetting as error:
        names = re.findall(r"^([A-Z_]+)=", str(error))
        homeless = "HOME" in str(error) and "HOME" not in place.environ
        command = 'export HOME="$PWD"' if homeless else place.way_to_change(*names)
        return Line(Mark.WRONG, "settings", str(error), command)
    if doubts:
        return Line(Mark.LOOK, "settings", " ".join(doubts), place.way_to_change())
    where = f"{path} is read" if path.exists() else "there is no .env: the defaults"
    return Line(Mark.OK, "settings", f"{where}; SIZE={chosen.size}, WORKERS={chosen.workers}, NODES={chosen.nodes}")


def packages(place: Place) -> Line:
    """Whether .venv starts and has the packages of requirements.txt."""
    subject, python = "packages", place.root / ".venv" / "bin" / "python"
    if not python.parent.exists():
        return Line(Mark.LOOK, subject, "not set up yet: there is no .venv", SET_UP)
    if not _starts(python):
        gone = "" if os.access(python, os.F_OK) else f": {_target(python)} is not there, or not for this user"
        return Line(Mark.WRONG, subject, f".venv does not start{gone}", SET_UP)
    if not in_environment(place):
        return Line(Mark.LOOK, subject, f"not seen by {sys.executable}, which is not that of .venv", "make doctor")
    if place.runtime == "docker":
        return Line(Mark.OK, subject, "those of jobs and site are in the images")
    others = list(_others(place.root))
    if others:
        more = f", and {len(others) - 3} more" if len(others) > 3 else ""
        return Line(Mark.LOOK, subject, f"not as in requirements.txt: {', '.join(others[:3])}{more}", SET_UP)
    return Line(Mark.OK, subject, f"as in requirements.txt, of Python {sys.version.split()[0]}")


def _starts(python: Path) -> bool:
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _target(link: Path) -> Path:
    return link.parent / link.readlink() if link.is_symlink() else link


def _others(root: Path) -> Iterator[str]:
    """Packages that are missing or of another version than the requirements name."""
    for file in ("requirements-web.txt", "requirements.txt"):
        for name, wanted in PIN.findall((root / file).read_text("utf-8")):
            try:
                found = version(name)
            except PackageNotFoundError:
                yield f"{name} is missing"
                continue
            if found != wanted:
                yield f"{name} is {found}, not {wanted}"


def data(place: Place) -> Line:
    """Whether the data folder can be written, has room for what SIZE names, and which data are in it."""
    settings, subject, folder = place.settings, "data", place.settings.data_dir
    for name, attribute in FOLDERS.items():
        given = getattr(settings, attribute)
        if given and not given.exists():
            return Line(Mark.WRONG, subject, f"{name}={given} does not exist", f"ls -d {existing(given)}/*")
    if problem := _problem(folder):
        return Line(Mark.WRONG, subject, *problem)
    free, need = free_gigabytes(folder), DATA[settings.size]
    if free < need and not _has_data(settings):
        sentence = f"{folder} has {free:.1f} GB free, and SIZE={settings.size} needs about {need:.0f}"
        return Line(Mark.WRONG, subject, sentence, "DATA_DIR=/another/disk make setup")
    if free < 1:
        command = f"du -xh --max-depth=2 {existing(folder)} | sort -h | tail"
        return Line(Mark.WRONG, subject, f"{folder} has {free:.1f} GB free", command)
    if not _has_data(settings):
        return Line(Mark.LOOK, subject, f"none yet in {folder}; {free:.0f} GB are free", SET_UP)
    source = DataSource.load(folder / "raw")
    kind = "generated" if source.invented else "real"
    return Line(Mark.OK, subject, f"{source.name} ({kind}) in {source.folder}; {free:.0f} GB are free")


def _has_data(settings: Settings) -> bool:
    try:
        DataSource.load(settings.data_dir / "raw")
    except FetchFailed:
        return False
    return True


def _problem(folder: Path) -> tuple[str, str] | None:
    """Why the folder cannot be written, with the command that mends it."""
    there = existing(folder)
    if not there.is_dir():
        return f"{there} is a file, not a folder", f"mv {there} {there}.old"
    if not os.access(there, os.W_OK | os.X_OK):
        owner = there.stat().st_uid
        sentence = f"{there} cannot be written: it belongs to user {owner}, and this is user {os.getuid()}"
        return sentence, f'sudo chown -R "$(id -un)" {there}'
    return None
