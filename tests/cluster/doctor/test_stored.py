"""Services, schema and runs, before set-up and after it, with a Cassandra and a site that are only played."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from cluster.doctor import network, stored
from cluster.doctor.line import Check, Mark, Place
from cluster.runtime import RUNNING, State
from cluster.settings import Settings
from cql.active import ActiveRun
from cql.connect import CassandraUnavailable
from cql.kinds import Kind
from tests.support.doctor_place import place, program
from tests.support.played_docker import ENGINE

CHECKS = [Check("services", stored.services), Check("schema", stored.schema), Check("runs", stored.active_runs)]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A Cassandra that lets everybody in."""
    played = SimpleNamespace(keyspace="recommender", cluster=SimpleNamespace(shutdown=lambda: None))
    monkeypatch.setattr("cql.connect.listens", lambda contact: True)
    monkeypatch.setattr("cql.connect.connect", lambda contact: played)
    return played


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.subject)
def test_before_set_up_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: Check) -> None:
    monkeypatch.setattr(stored, "find_spec", lambda name: None)
    line = check.line(place(tmp_path))
    assert (line.mark, line.sentence, line.command) == (Mark.LOOK, "not set up yet", "make setup")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.subject)
def test_what_is_set_up_and_does_not_run_is_started_by_make_up(tmp_path: Path, check: Check) -> None:
    line = check.line(place(tmp_path))
    assert (line.mark, line.command) == (Mark.LOOK, "make up")


@pytest.mark.parametrize(
    ("states", "mark", "says"),
    [
        ((RUNNING, RUNNING), Mark.OK, "web, cassandra-1 run"),
        ((RUNNING, "dead"), Mark.WRONG, "cassandra-1 is dead"),
        (("not answering", RUNNING), Mark.WRONG, "web is not answering"),
    ],
)
def test_services_that_were_started_should_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, states: tuple[str, str], mark: Mark, says: str
) -> None:
    rows = [State(name, "1", "-", state) for name, state in zip(("web", "cassandra-1"), states, strict=True)]
    monkeypatch.setattr(stored, "choose", lambda settings: SimpleNamespace(status=lambda: rows))
    line = stored.services(place(tmp_path))
    assert (line.mark, line.sentence) == (mark, says)
    assert ("make logs SERVICE=" in line.command) == (mark is Mark.WRONG)


@pytest.mark.parametrize(("found", "mark"), [([], Mark.OK), (["Table movies is not installed."], Mark.WRONG)])
@pytest.mark.usefixtures("session")
def test_the_schema_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: list[str], mark: Mark) -> None:
    monkeypatch.setattr("cql.apply.differences", lambda session: found)
    line = stored.schema(place(tmp_path))
    assert (line.mark, line.command) == (mark, "make schema" if found else "")


@pytest.mark.usefixtures("session")
def test_a_keyspace_that_is_missing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(contact: object) -> None:
        raise CassandraUnavailable("No keyspace 'recommender': run `make schema`.")

    monkeypatch.setattr("cql.connect.connect", refuse)
    line = stored.active_runs(place(tmp_path))
    assert (line.mark, "No keyspace" in line.sentence) == (Mark.WRONG, True)


@pytest.mark.usefixtures("session")
def test_runs_that_readers_see_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    active: dict[str, ActiveRun] = {}
    monkeypatch.setattr("cql.active.active_run", lambda session, job: active.get(job))
    line = stored.active_runs(place(tmp_path))
    assert (line.mark, line.command) == (Mark.LOOK, "make preprocess")
    for kind in (Kind.RECOMMENDATIONS, Kind.CATALOGUE):
        active[kind.job] = ActiveRun(f"run-{kind}", "d", datetime.now(UTC))
    line = stored.active_runs(place(tmp_path))
    assert (line.mark, line.sentence) == (
        Mark.OK,
        "recommendations: run-recommendations, catalogue: run-catalogue",
    )


@pytest.mark.usefixtures("session")
def test_whatever_the_driver_raises_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(session: object) -> None:
        raise KeyError("recommender")

    monkeypatch.setattr("cql.apply.differences", break_off)
    line = Check("schema", stored.schema).line(place(tmp_path))
    assert (line.mark, "recommender" in line.sentence) == (Mark.WRONG, True)


@pytest.fixture(params=[(200, b'{"run_id": "r-1"}'), (503, b"{}"), (200, b"no JSON")])
def site(request: pytest.FixtureRequest) -> Iterator[tuple[int, int, bytes]]:
    """A site that gives one answer: its port, the status and the text."""
    status, text = request.param

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, status, text
    server.shutdown()


def containers(folder: Path, **environ: str) -> Place:
    """A machine with a Docker engine that only plays."""
    program(folder / "java/bin/docker", ENGINE)
    program(folder / "java/bin/docker-compose", "")
    return place(folder, **environ)


def test_of_containers_the_site_says_what_is_published(tmp_path: Path, site: tuple[int, int, bytes]) -> None:
    port, status, text = site
    line = stored.active_runs(containers(tmp_path, WEB_PORT=str(port), http_proxy="http://127.0.0.1:1"))
    if b"run_id" in text:
        assert (line.mark, line.sentence) == (Mark.OK, "recommendations: r-1")
    else:
        assert (line.mark, line.command) == (Mark.LOOK, "make preprocess" if status == 503 else "make up")


def test_of_containers_that_do_not_run_nothing_is_wrong(tmp_path: Path) -> None:
    there = containers(tmp_path)
    assert stored.active_runs(there).mark is Mark.LOOK
    assert stored.schema(there).mark is Mark.OK


@pytest.mark.cluster
def test_of_a_real_cluster_that_runs_all_is_in_order(cluster: Settings) -> None:
    there = Place(cluster.root, cluster.child_environ())
    assert "cassandra-1" in stored.services(there).sentence
    lines = [stored.services(there), stored.schema(there), network.ports(there)]
    assert [line for line in lines if line.mark is not Mark.OK] == []
    assert stored.active_runs(there).mark in (Mark.OK, Mark.LOOK)  # as other tests have published or not
