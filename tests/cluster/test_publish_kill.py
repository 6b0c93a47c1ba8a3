"""kill -9 of the publishing job at any moment: readers see the run before or the run after, whole."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cassandra.cluster import Session

from cluster.native.spark import write_config
from cluster.settings import Settings
from cql.active import active_run
from cql.apply import apply
from cql.connect import Contact, connect

pytestmark = [pytest.mark.cluster, pytest.mark.alone]

USERS, MOVIES, RANK, KILLS, SEED = 60, 90, 4, 10, 20
DATASET = "planted-1"
SUBMIT = (
    "import sys; from cluster.native import submit; from cluster.settings import Settings;"
    "sys.exit(submit(Settings.from_env(), 'publish_recommendations', sys.argv[1:]))"
)
FLAGS = ("--top", "20", "--similar", "10", "--min-ratings", "5")


def plant(data_dir: Path) -> None:
    """Cleaned data and a trained model; the same factors each time, so that all runs have the same lists."""
    draw = np.random.default_rng(SEED)
    users, movies = np.nonzero(draw.random((USERS, MOVIES)) < 0.3)
    ratings = {
        "user_id": pa.array(users + 1, pa.int32()),
        "movie_id": pa.array(movies + 1, pa.int32()),
        "rating": pa.array(draw.integers(1, 11, len(users)) / 2, pa.float32()),
        "rated_at": pa.array([datetime(2020, 1, 1, tzinfo=UTC)] * len(users), pa.timestamp("us", "UTC")),
    }
    titles = {
        "movie_id": pa.array(range(1, MOVIES + 1), pa.int32()),
        "title": [f"Movie {number}" for number in range(1, MOVIES + 1)],
        "genres": [["Drama"] if number % 2 else ["War"] for number in range(1, MOVIES + 1)],
    }
    save(data_dir / "clean" / "ratings", ratings)
    save(data_dir / "clean" / "movies", titles)
    about = {"dataset_id": DATASET, "run_id": "20200101T000000.000Z-aaaaaa"}
    (data_dir / "clean" / "dataset.json").write_text(json.dumps(about))
    model = data_dir / "models" / "20200101T000000.000Z-bbbbbb"
    for kind, count in (("user", USERS), ("item", MOVIES)):
        factors = pa.array(draw.normal(size=(count, RANK)).tolist(), pa.list_(pa.float32()))
        columns = {"id": pa.array(range(1, count + 1), pa.int32()), "factors": factors}
        save(model / f"{kind}_factors", columns)
        save(model / f"explicit_{kind}_factors", {**columns, "bias": pa.array([0.1] * count, pa.float32())})
    figures = {"ndcg@10.als": 0.2, "ndcg@10.popular": 0.1}
    described = {**about, "run_id": model.name, "holdout": {}, "mean_rating": 3.5, "metrics": figures}
    (model / "model.json").write_text(json.dumps(described))


def save(folder: Path, columns: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "part-0.parquet")


@pytest.fixture(scope="module")
def site(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shared cluster with data and tables of this test's own."""
    own = dataclasses.replace(cluster, data_dir=tmp_path_factory.mktemp("killed"), keyspace="recommender_kill")
    plant(own.data_dir)
    apply(Contact.from_env(own.child_environ()))
    return own


@pytest.fixture(scope="module")
def alone(site: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same without executors elsewhere: it starts in a third of the time, and a kill takes all of it at once."""
    own = dataclasses.replace(site, master_url="local[2]", run_dir=tmp_path_factory.mktemp("alone"))
    write_config(own)
    return own


@pytest.fixture(scope="module")
def session(site: Settings) -> Iterator[Session]:
    connected = connect(Contact.from_env(site.child_environ()))
    yield connected
    connected.cluster.shutdown()


def start(site: Settings) -> subprocess.Popen[bytes]:
    """The job in a process group of its own, so that a kill takes its Python and its Java at once."""
    with log_of(site).open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-c", SUBMIT, *FLAGS],
            env=site.child_environ(),
            cwd=site.root,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def log_of(site: Settings) -> Path:
    return site.data_dir / "publish.log"


def at_work(site: Settings, job: subprocess.Popen[bytes], known: int) -> None:
    """Wait until the job has begun to write: there is one folder more; before that it leaves nothing behind."""
    while len(list((site.data_dir / "published").glob("*"))) == known:
        assert job.poll() is None, log_of(site).read_text()[-3000:]
        time.sleep(0.1)


@contextmanager
def publisher(site: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A job that has begun to write, and is killed at the end of the block if it has not ended."""
    known = len(list((site.data_dir / "published").glob("*")))
    job = start(site)
    try:
        at_work(site, job, known)
        yield job
    finally:
        kill(job)


def publish(site: Settings) -> float:
    """Run the job to its end; returns the seconds from its first writing on."""
    with publisher(site) as job:
        begun = time.monotonic()
        assert job.wait() == 0, log_of(site).read_text()[-3000:]
        return time.monotonic() - begun


def kill(job: subprocess.Popen[bytes]) -> None:
    if job.poll() is None:
        os.killpg(job.pid, signal.SIGKILL)
        job.wait()


def published_rows(session: Session, run_id: str) -> dict[str, Any]:
    """All that readers can see of a run, by table and key, without the name of the run."""
    seen: dict[str, Any] = {}
    for table, key, values in (
        ("recommendations_by_user", "user_id", range(1, USERS + 1)),
        ("similar_by_movie", "movie_id", range(1, MOVIES + 1)),
        ("popular_by_genre", "genre", ("all", "Drama", "War")),
    ):
        select = session.prepare(f"SELECT * FROM {table} WHERE run_id = ? AND {key} = ?")
        for value in values:
            row = session.execute(select, (run_id, value)).one()
            seen[f"{table} {value}"] = row and row[2:]
    return seen


def one_user(session: Session, user_id: int) -> tuple[Any, ...] | None:
    """What the page of a user does: the active run, then the user's row of that run."""
    active = active_run(session)
    assert active is not None and active.dataset_id == DATASET
    query = "SELECT movie_ids, scores, because_ids FROM recommendations_by_user WHERE run_id = %s AND user_id = %s"
    return session.execute(query, (active.run_id, user_id)).one()


@contextmanager
def reader(session: Session, expected: dict[int, Any]) -> Iterator[list[str]]:
    """Poll one user after the other meanwhile; yields the complaints, and what was read as the first of them."""
    complaints: list[str] = []
    stop = threading.Event()

    def poll() -> None:
        while not stop.is_set():
            for user_id, rows in expected.items():
                if (found := one_user(session, user_id)) != rows:
                    complaints.append(f"user {user_id} saw {found}")
            time.sleep(0.1)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield complaints
    finally:
        stop.set()
        thread.join()


def runs_with_rows(session: Session) -> set[str]:
    tables = ("recommendations_by_user", "similar_by_movie", "popular_by_genre")
    return {row.run_id for table in tables for row in session.execute(f"SELECT run_id FROM {table}")}


def test_a_killed_publisher_is_never_seen_and_the_next_run_succeeds(
    site: Settings, alone: Settings, session: Session
) -> None:
    usual = publish(alone)
    first = active_run(session)
    assert first is not None
    whole = published_rows(session, first.run_id)
    assert None not in [whole[f"recommendations_by_user {user}"] for user in range(1, USERS + 1)]
    users = {user: one_user(session, user) for user in (1, 17, 42, 60)}

    moments = random.Random(SEED)
    with reader(session, users) as complaints:
        for number in range(KILLS):
            with publisher(alone if number % 5 else site):  # executors of a killed driver may go on for a moment
                time.sleep(usual * moments.random())
            active = active_run(session)
            assert active is not None
            assert published_rows(session, active.run_id) == whole
        publish(site)
    assert complaints == []

    last = active_run(session)
    assert last is not None and last.run_id > first.run_id
    assert published_rows(session, last.run_id) == whole
    kept = {folder.name for folder in (site.data_dir / "published").glob("[!.]*")}
    assert runs_with_rows(session) == kept
    assert len(kept) <= 3
    assert [path.name for path in (site.data_dir / "published").glob(".*")] == []
