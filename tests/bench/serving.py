"""Requests of the site beside a bare Flask answer, both under gunicorn with the site's settings, asked by wrk.

    python -m tests.bench.serving [TREE ...] --turns 3

Asks the Cassandra that the environment names, where recommendations are published, about the users and movies of
DATA_DIR/clean. Each TREE is a checkout whose site is measured, so that a change is seen beside what was before it; left
out, it is this one. All share the machine. Needs wrk: `apt-get install wrk`.

A user who is drawn evenly is asked for once (cold); by Zipf's law some are asked for again and again, and the site has
answered for as long as one turn before it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote_plus

import numpy as np
from numpy.typing import NDArray
from pyarrow.dataset import dataset

from cluster.errors import ClusterError, exit_with_message
from cluster.native.process import Processes
from cluster.probes import answers
from cluster.settings import Settings
from tests.conftest import free_ports

CONNECTIONS, THREADS, SECONDS = 16, 2, 8
LINES = 40_000  # of a thread: more than a turn asks for
HERE = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("wrk.lua")
START = (  # gunicorn, without the limits of calls: all requests come from one address
    "import sys; from limits.strategies import FixedWindowRateLimiter as Limiter; Limiter.hit = lambda *_, **__: True; "
    "from gunicorn.app.wsgiapp import run; sys.argv[0] = 'gunicorn'; run()"
)
HEADS = ("requests/s", "of bare", "p50 ms", "p99 ms", "of bare", "site ms", "Cassandra ms")

Lines = Callable[[np.random.Generator], Sequence[str]]


@dataclass(frozen=True)
class Measured:
    """One turn: requests a second, milliseconds in which 50 and 99 % were answered, processor time a request."""

    rate: float
    p50: float
    p99: float
    site: float
    cassandra: float


@dataclass(frozen=True)
class Server:
    """A gunicorn that runs: its name in the table, its address, and the pid of its first process."""

    name: str
    address: str
    pid: int


def calls(clean: Path) -> dict[str, Lines]:
    """What is asked, by its name: lines for wrk.lua, drawn anew each turn."""
    users = dataset(clean / "ratings").to_table(columns=["user_id"])["user_id"].unique().to_numpy()
    rated = dataset(clean / "ratings").head(2_000_000, columns=["movie_id", "rating"]).to_pandas()
    movies, words = rated["movie_id"].unique(), _words(clean)

    def even(draw: np.random.Generator, path: str) -> list[str]:
        return [f"GET {path.format(user)}" for user in draw.permutation(users)[: THREADS * LINES]]

    def zipf(draw: np.random.Generator, path: str) -> list[str]:
        often = 1 / np.arange(1, len(users) + 1)
        drawn = draw.choice(users, THREADS * LINES, p=often / often.sum())
        return [f"GET {path.format(user)}" for user in drawn]

    def folded(draw: np.random.Generator) -> list[str]:
        rows: NDArray[np.float64] = rated.to_numpy()
        picked = [rows[draw.integers(len(rows), size=20)] for _ in range(2_000)]
        ratings = [[{"movie_id": int(movie), "rating": stars} for movie, stars in each] for each in picked]
        return [f"POST /api/v1/recommendations {json.dumps({'ratings': each, 'limit': 20})}" for each in ratings]

    def of(path: str, values: Sequence[object]) -> Lines:
        return lambda draw: [f"GET {path.format(values[at])}" for at in draw.integers(len(values), size=LINES)]

    return {
        "list of 20, users evenly": lambda draw: even(draw, "/api/v1/users/{}/recommendations?limit=20"),
        "list of 20, users by Zipf": lambda draw: zipf(draw, "/api/v1/users/{}/recommendations?limit=20"),
        "list of 10, users evenly": lambda draw: even(draw, "/api/v1/users/{}/recommendations"),
        "folded-in list of 20": folded,
        "the page of a user": lambda draw: even(draw, "/users/{}"),
        "search by a word": of("/api/v1/movies?q={}", words),
        "similar movies": of("/api/v1/movies/{}/similar", movies),
        "titles of the catalogue": of("/api/v1/catalogue/titles?min_score={}", [50, 60, 70, 80]),
    }


def _words(clean: Path) -> list[str]:
    titles = dataset(clean / "movies").to_table(columns=["title"])["title"].to_pylist()
    return sorted({quote_plus(word) for title in titles for word in title.split() if len(word) > 3 and word.isalpha()})


def load(server: Server, lines: Sequence[str], cassandra: int | None, seconds: int = SECONDS) -> Measured:
    """Ask with CONNECTIONS kept open.

    Raises:
        ClusterError: an answer is an error.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number in range(THREADS):
            Path(folder, str(number + 1)).write_text("\n".join(lines[number::THREADS]) + "\n", encoding="utf-8")
        command = ["wrk", "-t", THREADS, "-c", CONNECTIONS, "-d", f"{seconds}s", "-s", SCRIPT, server.address]
        before = _used(server.pid), _used(cassandra)
        told = subprocess.run([*map(str, command), "--", f"{folder}/"], capture_output=True, text=True, check=True)
        after = _used(server.pid), _used(cassandra)
    found = json.loads(told.stdout.strip().splitlines()[-1])
    if found["wrong"]:
        raise ClusterError(
            f"{server.name}: {found['wrong']} of {found['requests']} requests were not answered with 200"
        )
    site, stored = (1000 * (late - early) / found["requests"] for early, late in zip(before, after, strict=True))
    return Measured(found["requests"] / found["seconds"], found["p50"], found["p99"], site, stored)


def _used(pid: int | None) -> float:
    """Seconds of processor time of a process and its children."""
    if pid is None:
        return 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for each in (str(pid), *children):
        ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(name: str, tree: Path, app: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """A gunicorn with the settings of a checkout, on a free port; it stops at the end."""
    port = free_ports(1)[0]
    command = [sys.executable, "-c", START, "-c", "web/gunicorn.conf.py", app]
    variables = {**environ, "WEB_PORT": str(port), "PYTHONPATH": str(tree)}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=tree, env=variables, stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            while not answers(f"{address}/health/live"):
                if process.poll() is not None:
                    log.seek(0)
                    raise ClusterError(f"{app} of {tree} did not start:\n{log.read().decode()[-2000:]}")
                time.sleep(0.2)
            yield Server(name, address, process.pid)
        finally:
            process.terminate()
            process.wait()


def bench(trees: Sequence[Path], turns: int, only: str = "") -> None:
    """Print a table: the middle of the turns of each call and tree, beside the bare answer of the same turn.

    Raises:
        ClusterError: a site or an answer fails, or wrk is not there.
    """
    if shutil.which("wrk") is None:
        raise ClusterError("wrk is not there: `apt-get install wrk`.")
    settings = Settings.from_env()
    environ = {**os.environ, **settings.child_environ()}
    cassandra = Processes(settings.run_dir).pid("cassandra-1")
    print(f"{'':<40}{''.join(f'{head:>14}' for head in HEADS)}")
    with ExitStack() as running:
        bare = running.enter_context(served("bare Flask", HERE, "tests.bench.hello:app", environ))
        sites = [running.enter_context(served(each.name, each, "web:create_app()", environ)) for each in trees]
        for call, lines in calls(settings.data_dir / "clean").items():
            if only in call:
                _compare(call, lines, bare, sites, turns, cassandra)


def _compare(call: str, lines: Lines, bare: Server, sites: Sequence[Server], turns: int, cassandra: int | None) -> None:
    hello = ["GET /"]
    for site in sites:  # what is loaded and remembered on first use is; Zipf's users are the same in all turns
        load(site, lines(np.random.default_rng(0)), cassandra)
    rows: dict[Server, list[tuple[Measured, Measured]]] = {site: [] for site in sites}
    for turn in range(turns):
        beside = load(bare, hello, cassandra)
        for site in sites:
            rows[site].append((load(site, lines(np.random.default_rng(turn + 1)), cassandra), beside))
    for site, found in rows.items():
        print(_line(f"{call}, {site.name}", found), flush=True)


def _line(name: str, turns: Sequence[tuple[Measured, Measured]]) -> str:
    figures = [
        (own.rate, own.rate / bare.rate, own.p50, own.p99, own.p99 / bare.p99, own.site, own.cassandra)
        for own, bare in turns
    ]
    return f"{name:<40}{''.join(f'{median(column):14.4g}' for column in zip(*figures, strict=True))}"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.serving", description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path, default=[HERE], help="checkouts to measure (default: this one)")
    parser.add_argument("--turns", type=int, default=3, help="of each call (default: 3)")
    parser.add_argument("--only", default="", help="calls that have this in their name")
    options = parser.parse_args()
    bench([each.resolve() for each in options.trees], options.turns, options.only)
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
