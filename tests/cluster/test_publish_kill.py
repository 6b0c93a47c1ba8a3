"""kill -9 of the publishing job in each of its steps: readers see the run before or the run after, whole."""

from __future__ import annotations

import dataclasses
import itertools
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
import pytest
from cassandra.cluster import Session
from pyspark.java_gateway import launch_gateway

from cluster.native.spark import application, environ_of_spark, write_config
from cluster.settings import Settings
from cql.active import active_run
from cql.apply import apply
from cql.connect import Contact, connect
from spark_jobs.publish_recommendations import COPIES
from spark_jobs.storage.paths import Paths
from tests.support.parquet import save
from tests.support.planted_model import plant_model
from tests.support.sites import records

pytestmark = [pytest.mark.cluster, pytest.mark.alone]

USERS, MOVIES, SEED = 60, 90, 20
DATASET = "planted-1"
JOB = "publish_recommendations"
STEPS = (
    "compute and store recommendations_by_user",
    "compute and store measured_lists_by_user",
    "compute and store similar_by_movie",
    "compute and store popular_by_genre",
    "compute and store model_parts_by_run",
    "flip",
    "delete old runs and data sets",
)
SUBMIT = (
    "import sys; from cluster.native.spark import submit; from cluster.settings import Settings;"
    "sys.exit(submit(Settings.from_env(), 'publish_recommendations', sys.argv[1:]))"
)
KEPT = 2
FLAGS = ("--top", "20", "--keep", str(KEPT))


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
    save(data_dir / "clean" / "ratings", pa.table(ratings))
    save(data_dir / "clean" / "movies", pa.table(titles))
    about = {"dataset_id": DATASET, "run_id": "20200101T000000.000Z-aaaaaa"}
    (data_dir / "clean" / "dataset.json").write_text(json.dumps(about))
    plant_model(Paths(data_dir), "20200101T000000.000Z-bbbbbb", ndcg=0.2)


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


class Java:
    """The Java of one job after the other, which outlives their Python: jobs reach it as those of spark-submit do."""

    def __init__(self, settings: Settings) -> None:
        with pytest.MonkeyPatch.context() as environment:
            for name, value in environ_of_spark(settings).items():
                environment.setenv(name, value)
            self._gateway = launch_gateway()
        reached = self._gateway.gateway_parameters
        self.environ = {
            **settings.child_environ(),
            "PYSPARK_GATEWAY_PORT": str(reached.port),
            "PYSPARK_GATEWAY_SECRET": reached.auth_token,
        }

    def stop_orphan(self) -> None:
        """End what a killed job has left at work."""
        self._gateway.jvm.org.apache.spark.SparkContext.getOrCreate().stop()

    def end(self) -> None:
        self._gateway.shutdown()
        self._gateway.proc.kill()
        self._gateway.proc.wait()


@pytest.fixture(scope="module")
def java(alone: Settings) -> Iterator[Java]:
    started = Java(alone)
    yield started
    started.end()


@pytest.fixture(scope="module")
def session(site: Settings) -> Iterator[Session]:
    connected = connect(Contact.from_env(site.child_environ()))
    yield connected
    connected.cluster.shutdown()


class Job:
    """The job in a process group of its own, so that a kill takes its Python and, without `java`, its Java at once."""

    def __init__(self, site: Settings, java: Java | None = None) -> None:
        self._log = site.data_dir / f"publish-{time.time_ns()}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, *([f"spark_jobs/{JOB}.py"] if java else ["-c", SUBMIT]), *FLAGS],
                env=java.environ if java else site.child_environ(),
                cwd=site.root,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def said(self) -> str:
        return self._log.read_text()

    def wait(self) -> None:
        assert self._process.wait() == 0, self.said()[-3000:]

    def wait_for(self, step: str) -> None:
        """Return as soon as the step has begun."""
        while f" {step} …" not in self.said():
            assert self._process.poll() is None, self.said()[-3000:]
            time.sleep(0.01)

    def kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def publish(site: Settings, java: Java) -> dict[str, float]:
    """Run the job to its end; returns the seconds of its steps."""
    job = Job(site, java)
    try:
        job.wait()
    finally:
        job.kill()
    return {step["name"]: step["seconds"] for step in records(site.data_dir, JOB)[-1]["steps"]}


def publish_in_part(site: Settings, java: Java | None, step: str, seconds: float) -> None:
    """Kill the job so long after that step has begun."""
    job = Job(site, java)
    try:
        job.wait_for(step)
        time.sleep(seconds)
    finally:
        job.kill()
    print(f"killed {seconds:.2f} s into «{step}», in «{records(site.data_dir, JOB)[-1]['step_now']}»")


def published_rows(session: Session, run_id: str) -> dict[str, Any]:
    """All that readers can see of a run, by table and key, without the name of the run."""
    seen: dict[str, Any] = {}
    for table, key, values in (
        ("recommendations_by_user", "user_id", range(1, USERS + 1)),
        ("similar_by_movie", "movie_id", range(1, MOVIES + 1)),
        ("popular_by_genre", "genre", ("all", "Drama", "War")),
        ("model_parts_by_run", "part = 0 AND name", ("about", "factors", "weights")),
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
        for user_id, rows in itertools.cycle(expected.items()):
            if stop.wait(0.1):
                return
            try:
                found: object = one_user(session, user_id)
            except Exception as error:
                found = error
            if found != rows:
                complaints.append(f"user {user_id} saw {found}")

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield complaints
    finally:
        stop.set()
        thread.join()


def runs_with_rows(session: Session) -> set[str]:
    return {row.run_id for table in COPIES for row in session.execute(f"SELECT run_id FROM {table}")}


def moments() -> list[tuple[str, float]]:
    """One in each step, in random order: the step, and the share of its usual time that is over.

    What Cassandra and the folders can be left like is: some rows of each table, none flipped; all, and flipped or not;
    and an old run in part deleted.
    """
    draw = random.Random(SEED)
    return [(step, draw.random()) for step in draw.sample(STEPS, len(STEPS))]


def test_a_killed_publisher_is_never_seen_and_the_next_run_succeeds(
    site: Settings, alone: Settings, java: Java, session: Session
) -> None:
    at_first = publish(alone, java)
    first = active_run(session)
    assert first is not None
    whole = published_rows(session, first.run_id)
    assert None not in [whole[f"recommendations_by_user {user}"] for user in range(1, USERS + 1)]
    users = {user: one_user(session, user) for user in (1, 17, 42, 60)}
    usually = [publish(alone, java) for _ in range(KEPT)][-1]  # the first that has a run to delete

    # two jobs are killed with all of their Java, which takes its time to start; executors of one go on for a moment
    entire = {1: alone, 3: site}
    with reader(session, users) as complaints:
        for number, (step, share) in enumerate(moments()):
            if number in entire:
                publish_in_part(entire[number], None, step, share * max(at_first[step], usually[step]))
            else:
                publish_in_part(alone, java, step, share * usually[step])
            active = active_run(session)
            assert active is not None
            assert published_rows(session, active.run_id) == whole
            java.stop_orphan()
        with application(site) as jobs:
            assert jobs.submit(JOB, FLAGS, sys.stdout) == 0
    assert complaints == []

    last = active_run(session)
    assert last is not None and last.run_id > first.run_id
    assert published_rows(session, last.run_id) == whole
    kept = {folder.name for folder in (site.data_dir / "published").glob("[!.]*")}
    assert runs_with_rows(session) == kept
    assert len(kept) <= KEPT
    statuses = session.execute("SELECT run_id, status FROM runs_by_job WHERE job = 'publish_recommendations'")
    assert {row.status for row in statuses if row.run_id in kept} == {"done"}, "a rollback would not find them"
    assert [path.name for path in (site.data_dir / "published").glob(".*")] == []
