"""Reads of a large catalogue beside those of a small one: how many times as long the slowest hundredth takes.

Builds both in keyspaces of their own on the native cluster that is up, then asks the app in this process, in turns.
They stay, so that measuring again takes seconds; --drop removes them.

Example: python -m tests.bench.catalogue --small 5000 --large 100000
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from limits.strategies import FixedWindowRateLimiter
from numpy.typing import NDArray
from pyarrow.dataset import dataset

from cluster.errors import ClusterError, exit_with_message
from cluster.native.spark import submit
from cluster.settings import Settings
from cql.apply import apply
from cql.connect import CassandraUnavailable, Contact, connect
from domain.contract.catalogue import ACTOR, DIRECTOR, ROLES
from domain.contract.titles import title_words
from web import create_app

CREDITS_PER_TITLE = 10
API = "/api/v1/catalogue"
OFTEN, RARELY = slice(0, 12, 3), slice(-8, None)  # of the values of a facet, most titles first
WARM_UP, SAMPLES = 10, 1000  # questions of a kind that do not count; for the interval of a ratio
Ask = Callable[[random.Random], tuple[str, dict[str, object]]]


class Site:
    """A catalogue of one size: built, and asked in this process."""

    def __init__(self, titles: int) -> None:
        self.settings = settings_of(titles)
        try:
            apply(Contact.from_env(self.settings.child_environ()))
        except CassandraUnavailable as error:
            raise ClusterError(f"{error} Start the cluster first: `RUNTIME=native make up`.") from error
        self.client: FlaskClient = create_app(self.settings.child_environ()).test_client()
        if self.client.get(f"{API}/facets").status_code != HTTPStatus.OK:
            self._build(titles)
        facets = self.client.get(f"{API}/facets").json or {}
        self._show_record(facets["run_id"])
        self.questions = questions(self.settings.data_dir / "catalogue" / facets["run_id"], facets["facets"])

    def _build(self, titles: int) -> None:
        raw = str(self.settings.data_dir / "raw" / "catalogue")  # whatever CATALOGUE_DIR says
        sizes = ["--titles", str(titles), "--credits", str(CREDITS_PER_TITLE * titles), "--out", raw]
        for job, args in (("generate_catalogue", sizes), ("build_catalogue", ["--catalogue", raw])):
            began = time.monotonic()
            if submit(self.settings, job, args):
                raise ClusterError(f"{job} failed with {titles} titles: see the lines above.")
            print(f"{job}, {titles:,} titles: {time.monotonic() - began:.0f} s", flush=True)

    def _show_record(self, run_id: str) -> None:
        """Print how long the job took that built it, and its steps; whenever that was."""
        record = json.loads((self.settings.data_dir / "runs" / f"{run_id}.json").read_text(encoding="utf-8"))
        steps = ", ".join(f"{step['name']} {step['seconds']:.0f}" for step in record["steps"])
        rows = sum(count for name, count in record["counts"].items() if name.startswith("rows."))
        titles, credits = record["counts"]["titles.clean"], record["counts"]["credits.clean"]
        print(f"{titles:,} titles, {credits:,} credits, {rows:,} rows: built in {record['seconds']:.0f} s ({steps})")

    def ask(self, kind: str, draw: random.Random) -> float:
        """Milliseconds for one question of a kind.

        Raises:
            RuntimeError: the answer is not 200.
        """
        path, query = self.questions[kind](draw)
        began = time.perf_counter()
        answer = self.client.get(f"{API}{path}", query_string=query)
        took = 1000 * (time.perf_counter() - began)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{path} {query} was answered with {answer.status_code}: {answer.text[:200]}")
        return took


def settings_of(titles: int) -> Settings:
    """The cluster that is up, with a keyspace and a folder for a catalogue of this size."""
    settings, name = Settings.from_env(), f"bench_catalogue_{titles}"
    return dataclasses.replace(settings, keyspace=name, data_dir=settings.data_dir / name)


def drop(settings: Settings) -> None:
    """Remove the keyspace and the folder, if they are there."""
    session = connect(Contact.from_env(settings.child_environ()), keyspace=False)
    session.execute(f"DROP KEYSPACE IF EXISTS {settings.keyspace}", timeout=300)
    session.cluster.shutdown()
    shutil.rmtree(settings.data_dir, ignore_errors=True)


def questions(folder: Path, facets: dict[str, list[dict[str, Any]]]) -> dict[str, Ask]:
    """What is asked, about titles, people and values of facets that are there."""
    titles = dataset(folder / "titles").head(5000, columns=["media_id", "title"]).to_pylist()
    credits = dataset(folder / "credits").head(20_000, columns=["person_id", "name", "role"]).to_pylist()
    ids, names = [row["media_id"] for row in titles], [title_words(row["title"]) for row in titles]
    words = [max(each, key=len) for each in names if each]
    pairs = [each for each in names if len(each) > 1]
    people = {role: [row["name"] for row in credits if row["role"] == role] for role in ROLES}
    often, rarely = ({f: [each["value"] for each in facets[f][part]] for f in facets} for part in (OFTEN, RARELY))

    def of(values: dict[str, list[str]], *names: str, path: str = "/titles", **more: object) -> Ask:
        return lambda draw: (path, {**{name: draw.choice(values[name]) for name in names}, **more})

    def person(role: str) -> Ask:
        return lambda draw: ("/titles", {role.lower(): draw.choice(people[role])})

    def genre_and(name: str, figures: Sequence[float]) -> Ask:
        return lambda draw: ("/titles", {"genre": draw.choice(often["genre"]), name: draw.choice(figures)})

    return {
        "actor": person(ACTOR),
        "director": person(DIRECTOR),
        "genre": of(often, "genre"),
        "rare genre": of(rarely, "genre"),
        "genre, page of 20 at 900": of(often, "genre", offset=900),
        "genre by votes": of(often, "genre", sort="votes"),
        "genre by year": of(often, "genre", sort="year"),
        "genre, score": genre_and("score", [tenths / 10 for tenths in range(50, 86)]),
        "genre, year": genre_and("year", range(2010, 2023)),
        "genre, country, type": of(often, "genre", "country", type="SHOW"),
        "rare genre, country": of(rarely, "genre", "country"),
        "rare country by year": of(rarely, "country", sort="year"),
        "facets: none": of(often, path="/facets"),
        "facets: genre": of(often, "genre", path="/facets"),
        "facets: genre, country": of(often, "genre", "country", path="/facets"),
        "facets: rare country": of(rarely, "country", path="/facets"),
        "title": lambda draw: (f"/titles/{draw.choice(ids)}", {}),
        "similar": lambda draw: (f"/titles/{draw.choice(ids)}/similar", {}),
        "person": lambda draw: (f"/people/{draw.choice(credits)['person_id']}", {}),
        "people: first last": lambda draw: ("/people", {"q": draw.choice(credits)["name"]}),
        "people: last": lambda draw: ("/people", {"q": draw.choice(credits)["name"].split()[-1]}),
        "words: one": lambda draw: ("/titles", {"q": draw.choice(words)}),
        "words: two": lambda draw: ("/titles", {"q": " ".join(draw.sample(draw.choice(pairs), 2))}),
    }


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.catalogue", description=__doc__)
    parser.add_argument("--small", type=int, default=5000, help="titles (default: 5000)")
    parser.add_argument("--large", type=int, default=100_000, help="titles (default: 100000)")
    parser.add_argument("--requests", type=int, default=1000, help="of each kind to each catalogue (default: 1000)")
    parser.add_argument("--drop", action="store_true", help="measure nothing, remove both catalogues")
    options = parser.parse_args()
    sizes = (options.small, options.large)
    if options.drop:
        for titles in sizes:
            drop(settings_of(titles))
        return 0
    sites = [Site(titles) for titles in sizes]
    FixedWindowRateLimiter.hit = lambda *asked: True  # all requests come from one address
    heads = ("p50 small", "p50 large", "p99 small", "p99 large", "p99 ratio")
    print(f"{'question':26}{''.join(f'{head:>11}' for head in heads)}   95 % of it; {options.requests} requests, ms")
    for kind in sites[0].questions:
        print(measured(kind, sites, options.requests), flush=True)
    return 0


def measured(kind: str, sites: list[Site], requests: int) -> str:
    """A line of the table: both catalogues are asked in turns, each first every other time."""
    draw, times = random.Random(1), np.empty((requests, len(sites)))
    for turn in range(-WARM_UP, requests):
        for place in (range(len(sites)), reversed(range(len(sites))))[turn % 2]:
            took = sites[place].ask(kind, draw)
            if turn >= 0:
                times[turn, place] = took
    (small_50, small_99), (large_50, large_99) = np.percentile(times, [50, 99], axis=0).T
    low, high = ratio_interval(times)
    ratio = f"{large_99 / small_99:11.2f}   {low:.2f} … {high:.2f}"
    return f"{kind:26}{small_50:11.1f}{large_50:11.1f}{small_99:11.1f}{large_99:11.1f}{ratio}"


def ratio_interval(times: NDArray[np.float64]) -> tuple[float, float]:
    """Within which the ratio of the slowest hundredths lies in 95 of 100 samples drawn from `times` anew.

    Args:
        times: turns × small and large.
    """
    random = np.random.default_rng(1)
    drawn = (np.percentile(random.choice(times, len(times)), 99, axis=0) for _ in range(SAMPLES))
    low, high = np.percentile([large / small for small, large in drawn], [2.5, 97.5])
    return low, high


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
