"""Cassandra goes and comes back, and a run is flipped while a request is being answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from cql.connect import Contact
from tests.support.gate import Gate
from tests.support.site_world import LISTED, NEW, OLD
from web import create_app
from web.app.active import ACTIVE_SECONDS
from web.app.database import Database
from web.movies.store import movies_view

pytestmark = pytest.mark.cluster
HEALED_SECONDS = 30.0  # a bound for the test, many times what it takes


@pytest.fixture
def gate(contact: Contact) -> Iterator[Gate]:
    gate = Gate((contact.hosts[0], contact.port))
    yield gate
    gate.close()


def test_the_site_heals_by_itself(
    gate: Gate, environ: dict[str, str], publish: Callable[[tuple[str, str]], None]
) -> None:
    publish(OLD)
    client = create_app({**environ, "CASSANDRA_PORT": str(gate.port)}).test_client()
    assert client.get("/movies/1").status_code == 503, "away at the start"
    for _ in range(2):
        gate.open()
        assert _healed(client)
        gate.close()
        assert client.get("/movies/2").status_code == 503, "away in the middle"


def _healed(client: FlaskClient) -> bool:
    deadline = time.monotonic() + HEALED_SECONDS
    while client.get("/movies/2").status_code != 200:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_one_attempt_to_connect_does_not_hold_up_the_other_requests() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never says a word
        client_of = create_app({"CASSANDRA_HOSTS": "127.0.0.1", "CASSANDRA_PORT": str(silent.getsockname()[1])})
        answers: list[int] = []
        requests = [
            threading.Thread(target=lambda: answers.append(client_of.test_client().get("/runs").status_code))
            for _ in range(8)
        ]
        begin = time.monotonic()
        for request in requests:
            request.start()
        for request in requests:
            request.join()
    assert answers == [503] * 8
    assert time.monotonic() - begin < HEALED_SECONDS


def test_a_request_reads_one_run_even_when_another_is_published_meanwhile(
    environ: dict[str, str], database: Database, publish: Callable[[tuple[str, str]], None]
) -> None:
    publish(OLD)
    app = create_app(environ, database)
    with app.app_context():
        view = movies_view()
    publish(NEW)
    assert view.recommendations(LISTED).run_id == OLD[0]
    assert {movie.display_title.split()[-1] for movie in view.movies(range(1, 7)).values()} == {OLD[1]}
    assert view.user(LISTED).dataset_id == OLD[1]
    time.sleep(ACTIVE_SECONDS * 1.1)
    with app.app_context():
        assert movies_view().run_id == NEW[0]


def test_no_answer_mixes_two_runs_while_they_are_flipped(
    client: FlaskClient, publish: Callable[[tuple[str, str]], None]
) -> None:
    """Flips five times; each answer is compared with the data set of the run that it names."""
    of_run, seen, done = dict([OLD, NEW]), set(), threading.Event()

    def flip() -> None:
        for run in (NEW, OLD, NEW, OLD, NEW):
            publish(run)
            time.sleep(ACTIVE_SECONDS * 1.5)
        done.set()

    flipping = threading.Thread(target=flip)
    flipping.start()
    while not done.is_set():
        answer = client.get(f"/api/v1/users/{LISTED}/recommendations").json
        seen.add(answer["run_id"])
        movies = answer["items"] + [reason for item in answer["items"] for reason in item["because"]]
        assert {movie["display_title"].split()[-1] for movie in movies} == {of_run[answer["run_id"]]}
    flipping.join()
    assert seen == set(of_run)
