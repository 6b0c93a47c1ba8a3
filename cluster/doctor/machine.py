"""The machine: Python, Java, memory, disk and encodings."""

from __future__ import annotations

import locale
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from cluster.doctor.install import how_to_install
from cluster.doctor.line import Line, Mark, Place
from cluster.errors import MissingTool
from cluster.java import java_home

PYTHONS = ((3, 11), (3, 13))  # of jobs and site; commands for containers run on any newer one
MEMORY = {"s": 6, "sample": 6, "f": 16}  # GiB that a machine should have (README)
HEAPS = ("WORKERS", "NODES", "SPARK_EXECUTOR_MEMORY", "SPARK_DRIVER_MEMORY", "CASSANDRA_HEAP")
TIGHT = 0.8  # machines of 16 GB show less, and less than this share of what is needed does not do
DISK = {"packages (.venv)": 2.0, "jars (CACHE_DIR)": 0.5, "logs (RUN_DIR)": 0.5, "temporary files (TMPDIR)": 0.5}  # GB
ASK_VERSION = 'print("%d.%d.%d" % __import__("sys").version_info[:3])'


def runtime(place: Place) -> Line:
    """Whether containers or processes are taken, and whether that is possible."""
    chosen, problem = place.choice
    if problem:
        return Line(Mark.WRONG, "runtime", problem, "RUNTIME=native make setup")
    asked = "as RUNTIME says" if place.settings.runtime else "RUNTIME is unset"
    how = {"docker": "in containers", "native": "as processes of this machine"}[chosen]
    return Line(Mark.OK, "runtime", f"{chosen}, {asked}: services run {how}")


def python(place: Place) -> Line:
    """Whether the Python that `make` takes runs the jobs: the one that PYTHON names, else this one."""
    named = place.environ.get("PYTHON")
    version = _version_of(named) if named else tuple(sys.version_info[:3])
    if version is None:
        what = "is no Python that starts" if shutil.which(str(named)) else "is not there"
        return Line(Mark.WRONG, "Python", f"PYTHON={named} {what}", "unset PYTHON")
    shown = f"{'.'.join(map(str, version))} ({f'PYTHON={named}' if named else sys.executable})"
    if place.runtime == "docker":
        return Line(Mark.OK, "Python", f"{shown} for commands; jobs run in containers")
    if not PYTHONS[0] <= version[:2] <= PYTHONS[1]:
        return Line(Mark.WRONG, "Python", f"{shown}: jobs and site run on 3.11 to 3.13", how_to_install("python"))
    if not named and not in_environment(place) and find_spec("ensurepip") is None:
        return Line(Mark.WRONG, "Python", f"{shown} has no pip (the module ensurepip)", how_to_install("python"))
    return Line(Mark.OK, "Python", shown)


def _version_of(program: str) -> tuple[int, ...] | None:
    command = [program, "-c", ASK_VERSION]
    try:
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", answer.stdout.strip())
    return tuple(int(part) for part in match.groups()) if match else None


def in_environment(place: Place) -> bool:
    """Whether this process is the Python of the copy's .venv."""
    return Path(sys.prefix).resolve() == (place.root / ".venv").resolve()


def java(place: Place) -> Line:
    """Whether there is the one Java on which Spark and Cassandra run."""
    if place.runtime == "docker":
        return Line(Mark.OK, "Java", "not needed: services and jobs run in containers")
    try:
        home = java_home(place.settings.environ)
    except MissingTool as error:
        return Line(Mark.WRONG, "Java", str(error).partition(". ")[0], how_to_install("java"))
    return Line(Mark.OK, "Java", f"Java 17 in {home}")


def memory(place: Place) -> Line:
    """Whether the machine has the memory that the data and the settings ask for."""
    settings, need = place.settings, MEMORY[place.settings.size]
    total, free = _memory()
    sizes = settings.memory
    heaps = (sizes.cassandra * settings.nodes + sizes.executor * settings.workers + sizes.driver) / 1024
    shown = f"{free:.1f} of {total:.1f} GiB are free; SIZE={settings.size} needs about {need}"
    if total < need * TIGHT:
        return Line(Mark.WRONG, "memory", shown, "another machine, or SIZE=s make setup")
    if heaps > total:
        sentence = f"the heaps add up to {heaps:.1f} GiB, but there are {total:.1f}: lower one of {', '.join(HEAPS)}"
        return Line(Mark.WRONG, "memory", sentence, place.way_to_change(*HEAPS))
    if free < need * TIGHT and not any((settings.run_dir / "pids").glob("*.json")):  # else our own services have it
        return Line(Mark.LOOK, "memory", f"{shown}: end other programs", "ps aux --sort=-rss | head")
    return Line(Mark.OK, "memory", shown)


def _memory(file: Path = Path("/proc/meminfo")) -> tuple[float, float]:
    """GiB of the machine, and of them what programs can still get; where the system does not tell, all of them."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    try:
        available = re.search(r"MemAvailable:\s+(\d+) kB", file.read_text(encoding="ascii"))
    except OSError:
        available = None
    return total, int(available[1]) / 2**20 if available else total


def disk(place: Place) -> Line:
    """Whether there is room for what set-up and services write besides the data."""
    settings = place.settings
    folders = (place.root, settings.cache_dir, settings.run_dir, Path(tempfile.gettempdir()))
    free = {what: free_gigabytes(folder) for what, folder in zip(DISK, folders, strict=True)}
    tight = [what for what, need in DISK.items() if free[what] < need and not (need > 1 and in_environment(place))]
    if tight:
        where = dict(zip(DISK, folders, strict=True))
        shown = ", ".join(f"{free[what]:.1f} GB for {what} in {where[what]}, which need {DISK[what]}" for what in tight)
        return Line(Mark.WRONG, "disk", shown, f"du -xh --max-depth=2 {existing(where[tight[0]])} | sort -h | tail")
    return Line(Mark.OK, "disk", f"{min(free.values()):.1f} GB are free for packages, jars, logs and temporary files")


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def free_gigabytes(folder: Path) -> float:
    """GB that can be written where the folder is, or will be."""
    return shutil.disk_usage(existing(folder)).free / 1e9


def encodings(place: Place) -> Line:
    """Whether messages can be printed and the files' names be read: both take UTF-8."""
    settings = place.settings
    used = {
        "text": locale.getpreferredencoding(False),
        "file names": sys.getfilesystemencoding(),
        "the terminal": sys.stdout.encoding or "utf-8",
    }
    wrong = [f"{encoding} for {what}" for what, encoding in used.items() if _plain(encoding) != "utf8"]
    said = {name: place.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if place.environ.get(name)}
    others = {name: place.environ[name] for name in ("PYTHONUTF8", "PYTHONIOENCODING") if place.environ.get(name)}
    shown = ", ".join(f"{name}={value}" for name, value in {**said, **others}.items()) or "no LANG is set"
    mend = " ".join(["export LC_ALL=C.UTF-8", *(f"&& unset {name}" for name in others)])
    if wrong:
        return Line(Mark.WRONG, "encodings", f"{', '.join(wrong)} in place of UTF-8 ({shown})", mend)
    folders = (settings.data_dir, settings.movielens_dir, settings.songs_dir, settings.catalogue_dir)
    odd = [str(folder) for folder in folders if folder and not str(folder).isascii()]
    if odd and "utf8" not in _plain(next(iter(said.values()), "")):
        sentence = f"{shown}: Java does not find folders such as {odd[0]}, whose names are not ASCII"
        return Line(Mark.WRONG, "encodings", sentence, mend)
    return Line(Mark.OK, "encodings", f"UTF-8 ({shown})")


def _plain(encoding: str) -> str:
    return re.sub(r"[^a-z0-9]", "", encoding.lower())
