"""A site for the browser: the planted world with titles that are hard to show, a small catalogue and song plays."""

from __future__ import annotations

import csv
import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cassandra.cluster import Session

from cluster.probes import answers
from cluster.settings import Settings
from cql import active
from cql.apply import apply
from cql.connect import Contact, connect
from cql.kinds import Kind
from domain.contract.catalogue import HEADERS
from domain.generators.catalogue import MediaSizes, media_block
from tests.support.shared_jobs import SharedJobs
from tests.support.site_world import LISTED, NEW, OLD, insert, store_both_runs, store_movie

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
KEYSPACE = "recommender_browser"
ODD = {
    901: "W" * 300,
    902: "A title of very many words " * 11,
    903: "\u0645\u062f\u064a\u0646\u0629 \u0627\u0644\u0623\u062d\u0644\u0627\u0645 (City of Dreams)",  # right to left
    904: "\u05e2\u05d9\u05e8 \u05d4\u05e9\u05de\u05d9\u05d9\u05dd",
    905: "👩‍👩‍👧‍👦🎬" * 40,
    906: "Z͑ͫ̓a̴l̵g̶o̷" * 20,  # marks above and below each other
}
SONGS = ["--songs", "60", "--listeners", "30", "--events", "1500", "--days", "4", "--seed", "3"]


def make_world(cluster: Settings, jobs: SharedJobs, folder: Path) -> Settings:
    """Fill a keyspace of its own; the recommendations shown are those of the newer of two runs."""
    own = dataclasses.replace(cluster, data_dir=folder / "data", keyspace=KEYSPACE)
    contact = Contact.from_env(own.child_environ())
    apply(contact)
    session = connect(contact)
    store_both_runs(session)
    for run_id, dataset_id in (OLD, NEW):
        _store_odd(session, run_id, dataset_id)
    active.flip(session, Kind.RECOMMENDATIONS.job, *OLD, expected=None)
    active.flip(session, Kind.RECOMMENDATIONS.job, *NEW, expected=OLD[0])
    session.cluster.shutdown()
    assert jobs.submit(own, "build_catalogue", ["--catalogue", str(_write_catalogue(folder / "catalogue"))]) == 0
    assert jobs.submit(own, "generate_songplays", SONGS) == 0
    assert jobs.submit(own, "build_songplays", ["--rank", "8"]) == 0
    return own


def _store_odd(session: Session, run_id: str, dataset_id: str) -> None:
    """The titles, first in every list of the planted user and of the front page."""
    for movie_id, title in ODD.items():
        store_movie(session, dataset_id, movie_id, (title, 1999, ["Comedy", "Horror"], 5))
    ids, count = [*ODD, 4, 2], len(ODD) + 2
    ranks = [4.0 - rank / 8 for rank in range(count)]
    popular = {"movie_ids": ids, "scores": ranks, "rating_counts": [5] * count}
    for genre in ("all", "Comedy"):
        insert(session, "popular_by_genre", run_id=run_id, genre=genre, **popular)
    own = {"movie_ids": ids, "scores": ranks, "predicted_ratings": ranks}
    reasons = {"because_ids": [901, 3, 0] * count, "because_shares": [0.5, 0.25, 0.0] * count}
    insert(session, "recommendations_by_user", run_id=run_id, user_id=LISTED, **own, **reasons)
    for movie_id in (1, 901):
        similar = {"movie_ids": ids, "scores": ranks}
        insert(session, "similar_by_movie", run_id=run_id, movie_id=movie_id, **similar)


def _write_catalogue(folder: Path) -> Path:
    """A generated catalogue with the odd titles, and people of the same names."""
    block = media_block(3, MediaSizes(60, 300), 0)
    found = {"titles": list(csv.reader(block.titles)), "credits": list(csv.reader(block.credits))}
    for number, name in ODD.items():
        about = [
            f"tm{number}",
            name,
            "SHOW",
            name,
            "2001",
            "",
            "",
            "['comedy']",
            "['DE']",
            "",
            "",
            "9.9",
            "900",
            "",
            "",
        ]
        found["titles"].append(about)
        found["credits"].append([str(number), f"tm{number}", name, name, "ACTOR"])
    folder.mkdir()
    for file, rows in found.items():
        with (folder / f"{file}.csv").open("w", newline="", encoding="utf-8") as lines:
            csv.writer(lines).writerows([HEADERS[file].split(","), *rows])
    return folder


@contextmanager
def served(environ: Mapping[str, str], port: int, log: Path) -> Iterator[str]:
    """The address of the site under gunicorn; its end comes with the block's."""
    command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web:create_app()"]
    told = {**os.environ, **environ, "WEB_PORT": str(port)}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{address}/health/live"):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()
