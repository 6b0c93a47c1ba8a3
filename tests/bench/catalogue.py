"""Reads of a large catalogue beside those of a small one: how many times as long the slowest hundredth takes.

Builds both in keyspaces of their own on the native cluster that is up, then asks the app in this process, in turns.
They stay, so that measuring again takes seconds; --drop removes them.

Example: python -m tests.bench.catalogue --small 5000 --large 100000 --requests 200
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import shutil
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from pyarrow.dataset import dataset

from cluster import native
from cluster.errors import ClusterError, exit_with_message
from cluster.settings import Settings
from cql.apply import apply
from cql.connect import CassandraUnavailable, Contact, connect
from web import create_app
from web.security import limiter

CREDITS_PER_TITLE = 10
API = "/api/v1/catalogue"
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
        self.questions = questions(self.settings.data_dir / "catalogue" / facets["run_id"], facets["facets"])

    def _build(self, titles: int) -> None:
        raw = str(self.settings.data_dir / "raw" / "catalogue")  # whatever CATALOGUE_DIR says
        sizes = ["--titles", str(titles), "--credits", str(CREDITS_PER_TITLE * titles), "--out", raw]
        for job, args in (("generate_catalogue", sizes), ("build_catalogue", ["--catalogue", raw])):
            began = time.monotonic()
            if native.submit(self.settings, job, args):
                raise ClusterError(f"{job} failed with {titles} titles: see the lines above.")
            print(f"{job}, {titles:,} titles: {time.monotonic() - began:.0f} s", flush=True)

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
    titles = dataset(folder / "titles").head(5000, columns=["media_id", "title"])
    credits = dataset(folder / "credits").head(20_000, columns=["name", "role"]).to_pylist()
    ids, words = titles["media_id"].to_pylist(), [text.split()[-1] for text in titles["title"].to_pylist()]
    people = {role: [row["name"] for row in credits if row["role"] == role] for role in ("ACTOR", "DIRECTOR")}
    genres, countries = ([each["value"] for each in facets[facet][:12:3]] for facet in ("genre", "country"))
    return {
        "actor": lambda draw: ("/titles", {"actor": draw.choice(people["ACTOR"])}),
        "director": lambda draw: ("/titles", {"director": draw.choice(people["DIRECTOR"])}),
        "genre": lambda draw: ("/titles", {"genre": draw.choice(genres)}),
        "genre, score": lambda draw: ("/titles", {"genre": draw.choice(genres), "score": draw.randint(50, 85) / 10}),
        "genre, country, type": lambda draw: (
            "/titles",
            {"genre": draw.choice(genres), "country": draw.choice(countries), "type": "SHOW"},
        ),
        "genre, year": lambda draw: ("/titles", {"genre": draw.choice(genres), "year": draw.randint(2010, 2022)}),
        "genre by votes": lambda draw: ("/titles", {"genre": draw.choice(genres), "sort": "votes"}),
        "title": lambda draw: (f"/titles/{draw.choice(ids)}", {}),
        "similar": lambda draw: (f"/titles/{draw.choice(ids)}/similar", {}),
        "people": lambda draw: ("/people", {"q": draw.choice(people["ACTOR"]).split()[-1]}),
        "words": lambda draw: ("/titles", {"q": draw.choice(words)}),
    }


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.catalogue", description=__doc__)
    parser.add_argument("--small", type=int, default=5000, help="titles (default: 5000)")
    parser.add_argument("--large", type=int, default=100_000, help="titles (default: 100000)")
    parser.add_argument("--requests", type=int, default=200, help="of each kind to each catalogue (default: 200)")
    parser.add_argument("--drop", action="store_true", help="measure nothing, remove both catalogues")
    options = parser.parse_args()
    sizes = (options.small, options.large)
    if options.drop:
        for titles in sizes:
            drop(settings_of(titles))
        return 0
    sites = [Site(titles) for titles in sizes]
    limiter.enabled = False  # all requests come from one address
    print(f"{'question':24}{'p50 small':>11}{'p50 large':>11}{'p99 small':>11}{'p99 large':>11}{'p99 ratio':>11}   ms")
    for kind in sites[0].questions:
        print(measured(kind, sites, options.requests), flush=True)
    return 0


def measured(kind: str, sites: list[Site], requests: int) -> str:
    """A line of the table: both catalogues are asked in turns, after some questions that do not count."""
    draw = random.Random(1)
    times = np.array([[site.ask(kind, draw) for site in sites] for _ in range(requests + 10)])[10:]
    (small_50, small_99), (large_50, large_99) = np.percentile(times, [50, 99], axis=0).T
    return f"{kind:24}{small_50:11.1f}{large_50:11.1f}{small_99:11.1f}{large_99:11.1f}{large_99 / small_99:11.2f}"


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
