"""The real services: what survives stopping and killing, and three nodes."""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cassandra import ConsistencyLevel
from cassandra.query import SimpleStatement

from cluster.native import lifecycle
from cluster.native.lifecycle import down, status, up
from cluster.native.process import Processes
from cluster.native.spark import alive_workers
from cluster.settings import Settings
from cql import TABLES, active
from cql.apply import apply
from cql.connect import Contact, connect
from cql.kinds import Kind

pytestmark = [pytest.mark.cluster, pytest.mark.alone]
SERVICES = ("cassandra", "spark")
JOB = "test_of_the_cluster"
OF_RATINGS = (  # what the site reads and writes for a rating
    *("active_runs", "movies_by_id", "insights_by_dataset", "recommendations_by_user", "popular_by_genre"),
    *("interactions_by_user", "answers_by_run", "ratings_by_user", "model_parts_by_run"),
)


def write(settings: Settings, rows: int) -> set[str]:
    """Store run records one by one; the ids of those that Cassandra acknowledged."""
    session = connect(Contact.from_env(settings.child_environ()))
    ids = {f"{time.time_ns()}-{row}" for row in range(rows)}
    for run_id in ids:
        session.execute("INSERT INTO runs_by_job (job, run_id, status) VALUES (%s, %s, 'done')", (JOB, run_id))
    session.cluster.shutdown()
    return ids


def stored(settings: Settings) -> set[str]:
    session = connect(Contact.from_env(settings.child_environ()))
    rows = session.execute("SELECT run_id FROM runs_by_job WHERE job = %s", (JOB,))
    ids = {row.run_id for row in rows}
    session.cluster.shutdown()
    return ids


def kill_everything(settings: Settings) -> None:
    processes = Processes(settings.run_dir)
    for name in processes.names():
        os.kill(processes.pid(name), signal.SIGKILL)


def states(settings: Settings) -> set[str]:
    return {row.state for row in status(settings)}


def test_every_worker_is_a_process_and_known_to_the_master(cluster: Settings) -> None:
    assert alive_workers(cluster) == cluster.workers
    workers = {row.process for row in status(cluster) if row.service.startswith("spark-worker")}
    assert len(workers - {"-"}) == cluster.workers


def test_up_leaves_running_services_alone(cluster: Settings) -> None:
    before = status(cluster)
    up(cluster, SERVICES)
    assert status(cluster) == before


def test_fewer_workers_stop_the_others_and_share_the_memory_anew(cluster: Settings) -> None:
    """Jobs are cut to fit the workers that are wanted, so others must not stay."""
    one = dataclasses.replace(cluster, workers=1, memory=dataclasses.replace(cluster.memory, executor=1100))
    up(one, ("spark",))
    assert [row.service for row in status(one) if row.service.startswith("spark-worker")] == ["spark-worker-1"]
    assert memory_of_workers(one) == [1100]
    up(cluster, ("spark",))
    assert memory_of_workers(cluster) == [cluster.memory.executor] * cluster.workers


def memory_of_workers(settings: Settings) -> list[int]:
    """MiB of the workers that the master counts as alive, once it has noticed those that left."""
    deadline = time.monotonic() + 60
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.ports.master_ui}/json/", timeout=5) as answer:
            alive = [worker["memory"] for worker in json.load(answer)["workers"] if worker["state"] == "ALIVE"]
        if len(alive) == settings.workers or time.monotonic() > deadline:
            return alive
        time.sleep(0.5)


def test_what_is_stopped_or_killed_loses_nothing_that_it_acknowledged(cluster: Settings) -> None:
    acknowledged = write(cluster, 50)
    down(cluster)
    assert status(cluster) == []
    up(cluster, ("cassandra",))
    assert acknowledged <= stored(cluster)
    acknowledged |= write(cluster, 300)
    kill_everything(cluster)  # at once: the log's periodic mode would lose the last 100 ms here
    up(cluster, SERVICES)
    assert acknowledged <= stored(cluster)
    assert alive_workers(cluster) == cluster.workers
    assert states(cluster) == {"running"}


def test_what_people_did_outlives_what_cassandra_stored(
    make_cluster_settings: Callable[..., Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = make_cluster_settings(tmp_path)
    contact = Contact.from_env(own.child_environ())
    try:
        up(own, ("cassandra",))
        session = connect(contact)
        session.execute(
            "UPDATE interactions_by_user USING TIMESTAMP 1700000000000001 SET rating = 4.5, rated_at = 1700000000000"
            " WHERE user_id = 7 AND movie_id = 1"
        )
        session.execute("INSERT INTO feedback_by_user (user_id, media_id, vote) VALUES (7, 'tm1', 1)")
        session.cluster.shutdown()
        down(own, volumes=True)
        assert "Ratings and votes (2) are kept in" in capsys.readouterr().out
        assert not (own.data_dir / "cassandra").exists()
        up(own, ("cassandra",))
        assert "Ratings and votes (2) are back from" in capsys.readouterr().out
        session = connect(contact)
        (row,) = session.execute("SELECT rating, WRITETIME(rating) AS at FROM interactions_by_user WHERE user_id = 7")
        assert (row.rating, row.at) == (4.5, 1_700_000_000_000_001)
        (row,) = session.execute("SELECT vote FROM feedback_by_user WHERE user_id = 7")
        assert row.vote == 1
        session.cluster.shutdown()
    finally:
        down(own)


def test_three_nodes_hold_three_copies_and_answer_with_one_of_them_dead(
    make_cluster_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # no more tables than needed: three nodes take about a second to agree on each
    monkeypatch.setattr("cql.apply.TABLES", {name: TABLES[name] for name in ("runs_by_job", *OF_RATINGS)})
    monkeypatch.setattr(lifecycle, "apply_schema", lambda own: apply(Contact.from_env(own.child_environ())))
    settings = make_cluster_settings(tmp_path, NODES=3, CASSANDRA_HOSTS=None)
    try:
        up(settings, ("cassandra",))
        assert settings.replication == 3
        plant_movie(settings)
        up(settings, ("web",))
        acknowledged, rated = write(settings, 20), Rated(settings)
        with ThreadPoolExecutor(2) as pool:
            writers = [pool.submit(rated.rate, range(first, 400, 2)) for first in (1, 2)]
            rated.wait_for(60)
            os.kill(a_process_of_the_site(settings), signal.SIGKILL)
            rated.wait_for(120)
            os.kill(Processes(settings.run_dir).pid("cassandra-3"), signal.SIGKILL)
            rated.wait_for(180)
            for writer in writers:
                writer.result()
        assert acknowledged <= stored(settings)
        assert write(settings, 20) <= stored(settings)
        assert rated.acknowledged <= stored_ratings(settings)
    finally:
        down(settings)


def plant_movie(settings: Settings) -> None:
    """All that a site needs to take ratings of one movie."""
    session = connect(Contact.from_env(settings.child_environ()))
    session.execute("INSERT INTO movies_by_id (dataset_id, movie_id, title, genres) VALUES ('data', 1, 'A', ['B'])")
    active.flip(session, Kind.RECOMMENDATIONS.job, "run", "data", None)
    session.cluster.shutdown()


def stored_ratings(settings: Settings) -> set[int]:
    """The users of whom a quorum has the rating."""
    session = connect(Contact.from_env(settings.child_environ()))
    asked = SimpleStatement(
        "SELECT user_id, rating FROM interactions_by_user", consistency_level=ConsistencyLevel.LOCAL_QUORUM
    )
    users = {row.user_id for row in session.execute(asked) if row.rating == 4.5}
    session.cluster.shutdown()
    return users


def a_process_of_the_site(settings: Settings) -> int:
    parent = Processes(settings.run_dir).pid("web")
    return int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])


class Rated:
    """Users who rate the movie by the site, and those of them whose rating was acknowledged."""

    def __init__(self, settings: Settings) -> None:
        self._address = f"{settings.web_address}/api/v1/users"
        self.acknowledged: set[int] = set()

    def rate(self, users: Iterable[int]) -> None:
        headers = {"X-API-Key": "test-key", "Content-Type": "application/json"}
        for user in users:
            body = b'{"movie_id": 1, "rating": 4.5}'
            try:
                with urllib.request.urlopen(
                    urllib.request.Request(f"{self._address}/{user}/ratings", body, headers), timeout=30
                ):
                    self.acknowledged.add(user)
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 120
        while len(self.acknowledged) < count:
            assert time.monotonic() < deadline, f"{len(self.acknowledged)} ratings were acknowledged"
            time.sleep(0.05)
