"""Three walks through the code: which files somebody opens who follows one thing, and how often they come back to one.

- rating: a rating from ratings.csv to the page /users/1
- title: a title from titles.csv to GET /api/v1/catalogue/titles
- preprocess: `make preprocess` to its first Spark task, behind Makefile and setup.sh

Real runs on a few made-up lines are traced: jobs in a local Spark session with tables as Parquet folders, the pipeline
with a Cassandra and a Spark cluster of its own. Only the site reads from a stand-in (walk_site.py), which answers its
statements from those folders. What Spark's workers do is not traced.

A function is opened the first time that it is called, by way of the file that calls it; to and fro between two files
counts once. The first two walks open only
what is on the way: functions that have the thing followed among their arguments or in their result (by name, as a frame
with its columns, as an object with its attributes), those above them, and those that make the object whose method such
a function is.

Run it in the root of the tree to be measured, of an older commit too; arguments are names of walks.
Example: .venv/bin/python tests/bench/walks.py rating title
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

BENCH = Path(__file__).resolve().parent
ROOT = Path.cwd()
RATING = {
    "names": ["ratings", "ratings_by_user"],
    "columns": ["user_id", "movie_id", "rating", "rated_at"],
    "attributes": ["movie_id", "rating", "rated_at"],
}
TITLE = {
    "names": ["titles", "titles_by_score"],
    "columns": ["media_id", "title", "type"],
    "attributes": ["media_id", "title", "type"],
}
JOB = """
import importlib, sys
try:
    from spark_jobs.run import cli
except ImportError:  # before the rooms
    from spark_jobs.common import cli
name, *arguments = sys.argv[1:]
job = importlib.import_module(f"spark_jobs.{name}")
sys.exit(cli.execute(name, job.__doc__, job.add_arguments, job.main, arguments))
"""
FETCH = """
import runpy
try:
    runpy.run_module("cluster.fetch.movielens", run_name="__main__")
except ImportError:  # before the rooms
    runpy.run_module("cluster.fetch_movielens", run_name="__main__")
"""


@dataclass
class Call:
    """A function that was called, for the first time by this caller: when, and whether the thing followed was there.

    `owner` is the object whose method it is, `made` are those that it returned.
    """

    file: str
    function: str
    began: float
    carries: bool
    owner: str = ""
    made: set[str] = field(default_factory=set)
    ended: float = float("inf")
    calls: list[Call] = field(default_factory=list)


def main() -> None:
    """Print the walks that the arguments name, or all."""
    walks = {"rating": rating, "title": title, "preprocess": preprocess}
    for name in sys.argv[1:] or walks:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, BENCH / "walk_data.py", folder], check=True)
            print(f"{name}:")
            _print(walks[name](Path(folder)))


def rating(folder: Path) -> list[str]:
    """The walk of a rating."""
    traced = Traced(folder, RATING)
    traced.job("preprocess_movielens", "--movielens", str(folder / "movielens"))
    traced.site("/users/1")
    return walk(traced.calls())


def title(folder: Path) -> list[str]:
    """The walk of a title."""
    traced = Traced(folder, TITLE)
    traced.job("build_catalogue", "--catalogue", str(folder / "catalogue"))
    traced.site("/api/v1/catalogue/titles")
    return walk(traced.calls())


def preprocess(folder: Path) -> list[str]:
    """The walk of the command, whose cluster is stopped again."""
    ports = range(first := Random().randrange(20_000, 31_000), first + 16)
    names = ("CASSANDRA_PORT", "CASSANDRA_STORAGE_PORT", "SPARK_MASTER_PORT", "SPARK_MASTER_UI_PORT", "WEB_PORT")
    traced = Traced(
        folder,
        {},
        **dict(zip(names, map(str, ports), strict=False)),
        SPARK_WORKER_UI_PORT=str(ports[8]),
        CASSANDRA_JMX_PORT=str(ports[12]),
        CASSANDRA_KEYSPACE="walks",
        CASSANDRA_HEAP="768m",
        RUNTIME="native",
        RUN_DIR=str(folder / "run"),
        MOVIELENS_DIR=str(folder / "movielens"),
        WORKERS="1",
        WALK_UNTIL_TASK="1",
    )
    del traced.environ["SPARK_MASTER_URL"]
    try:
        # what setup.sh calls, in its order
        traced.run("-m", "cluster.runtime")
        traced.run("-m", "cluster", "prepare")
        traced.run("-c", FETCH)
        traced.run("-m", "cluster", "up", "--only", "cassandra,spark")
        traced.run("-m", "cluster.pipeline", check=False)  # it ends with its first task
        calls = traced.calls()
    finally:
        traced.environ.pop("WALK_TO")
        traced.run("-m", "cluster", "down")
    return walk([Call("Makefile", "preprocess", 0, True), Call("setup.sh", "setup", 0, True), *calls])


class Traced:
    """Runs Python processes that write what they call, and their children, too: by an interpreter of its own."""

    def __init__(self, folder: Path, followed: dict[str, list[str]], **environ: str) -> None:
        self.folder = folder
        self.python = self._interpreter(folder / "venv")
        (folder / "traces").mkdir()
        self.environ = {
            **os.environ,
            "DATA_DIR": str(folder / "data"),
            "SPARK_MASTER_URL": "local[2]",
            "PYTHONPATH": str(ROOT),
            "WALK_ROOT": str(ROOT),
            "WALK_TO": str(folder / "traces"),
            "WALK_FOLLOWS": json.dumps(followed),
            **environ,
        }

    def _interpreter(self, home: Path) -> Path:
        """An environment with the packages of this one, each process of which begins the trace."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
        (packages,) = home.glob("lib/python*/site-packages")
        lines = (sysconfig.get_path("purelib"), str(BENCH), "import walk_trace; walk_trace.begin()")
        (packages / "walks.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return home / "bin" / "python"

    def run(self, *arguments: str, check: bool = True) -> None:
        """Run the interpreter in the root of the tree.

        Raises:
            CalledProcessError: it failed; its output is printed.
        """
        done = subprocess.run(
            [self.python, *arguments], cwd=ROOT, env=self.environ, text=True, capture_output=True, check=False
        )
        if check and done.returncode:
            print(done.stdout, done.stderr, file=sys.stderr)
            done.check_returncode()

    def job(self, name: str, *arguments: str) -> None:
        """Run a job as its command line does, with tables as Parquet folders."""
        self.run("-c", JOB, name, *arguments, "--tables", f"parquet:{self.folder / 'tables'}")

    def site(self, page: str) -> None:
        """Ask the site for a page."""
        self.run(str(BENCH / "walk_site.py"), str(self.folder / "tables"), page)

    def calls(self) -> list[Call]:
        """The calls of all processes up to the first task: those that nobody of ours called, in their order."""
        roots: list[Call] = []
        stop = float("inf")
        for file in sorted((self.folder / "traces").iterdir()):
            tree: dict[int, Call] = {}
            for call, caller, at, carries, number, *place in map(json.loads, file.read_text("utf-8").splitlines()):
                thing = f"{file.name} {number}" if number else ""
                if caller is not None:
                    tree[call] = Call(*place, at, carries, thing)
                    siblings = tree[caller].calls if caller else _calls_at(roots, at)
                    siblings.append(tree[call])
                elif call == -1:
                    stop = at
                else:
                    tree[call].ended, tree[call].carries = at, tree[call].carries or carries
                    tree[call].made.add(thing)
        return list(_until(roots, stop))


def _calls_at(calls: list[Call], at: float) -> list[Call]:
    """The calls of the innermost function that was waiting at that time, for the first one of a thread or process."""
    for call in reversed(calls):
        if call.began <= at <= call.ended:
            return _calls_at(call.calls, at)
    return calls


def _until(calls: Sequence[Call], stop: float) -> Iterator[Call]:
    for call in calls:
        if call.began <= stop:
            call.calls = list(_until(call.calls, stop))
            yield call


def walk(calls: Sequence[Call]) -> list[str]:
    """The files in the order in which they are opened, from a file to another one each time."""
    holders: set[str] = set()
    while (more := set().union(*(_holders(call, holders) for call in calls)) - {""}) != holders:
        holders = more
    files: list[str] = []
    opened: set[tuple[str, str]] = set()
    for call in calls:
        _open(call, None, holders, files, opened)
    return files


def _open(call: Call, caller: Call | None, holders: set[str], files: list[str], opened: set[tuple[str, str]]) -> None:
    if not _is_on_the_way(call, holders):
        return
    if (call.file, call.function) not in opened:
        opened.add((call.file, call.function))
        for file in (*([caller.file] if caller else []), call.file):
            if files[-1:] != [file]:
                files.append(file)
                if files[-4:-2] == files[-2:]:  # to and fro again
                    del files[-2:]
    for below in call.calls:
        _open(below, call, holders, files, opened)


def _is_on_the_way(call: Call, holders: set[str]) -> bool:
    makes = call.made | ({call.owner} if call.function == "__init__" else set())
    return call.carries or bool(makes & holders) or any(_is_on_the_way(below, holders) for below in call.calls)


def _holders(call: Call, holders: set[str]) -> set[str]:
    """The objects whose methods are on the way."""
    own = {call.owner} if _is_on_the_way(call, holders) else set()
    return own.union(*(_holders(below, holders) for below in call.calls))


def _print(files: Sequence[str]) -> None:
    different = list(dict.fromkeys(files))
    for number, file in enumerate(files, start=1):
        print(f"{number:4} {'' if file not in files[: number - 1] else '↩ '}{file}")
    print(f"     {len(different)} files, {len(files) - len(different)} returns\n")


if __name__ == "__main__":
    main()
