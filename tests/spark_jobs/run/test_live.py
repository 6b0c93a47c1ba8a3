"""A run's row while it runs: written at each step and in between, never in the way of a job that can do without."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import NoHostAvailable

from cql.connect import Contact
from domain.contract.runs import ExitCode
from spark_jobs.run import cli, live
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run


class Session:
    """Keeps what is written; with `away` it answers as the driver does when no node is there."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.away = False
        self.cluster = self

    def execute(self, statement: str, values: tuple[Any, ...], timeout: float) -> None:
        if self.away:
            raise NoHostAvailable("no node", {})
        self.rows.append(values)

    def shutdown(self) -> None:
        """What a cluster object has."""

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(row[-1]) for row in self.rows]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    made = Session()
    monkeypatch.setattr(live, "listens", lambda contact: True)
    monkeypatch.setattr(live, "connect", lambda contact: made)
    return made


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("train_als", Paths(tmp_path), {})


def test_a_step_is_shown_while_it_lasts_and_its_rows_afterwards(run: Run, session: Session) -> None:
    with live.shown(run, {}):
        run.save()
        with run.step("learn") as step:
            assert session.records()[-1]["step_now"] == "learn"
            step.rows = 7
        assert session.records()[-1]["step_now"] is None
        run.finish("done")
    assert [row[2] for row in session.rows] == ["running"] * 3 + ["done"]
    assert session.records()[-1]["steps"][0]["rows"] == 7
    assert session.records()[0]["host"] == socket.gethostname()


def test_the_step_that_failed_stays_named(run: Run, session: Session) -> None:
    with live.shown(run, {}):
        with pytest.raises(JobError), run.step("learn"):
            raise JobError("no ratings")
        run.finish("failed", "no ratings")
    assert session.records()[-1]["step_now"] == "learn"


def test_a_long_step_gives_signs_of_life_that_end_with_the_run(
    run: Run, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.01)
    with live.shown(run, {}), run.step("learn"):
        begun, deadline = len(session.rows), time.monotonic() + 10
        while len(session.rows) < begun + 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    times = [record["written_at"] for record in session.records()]
    assert len(times) >= 4
    assert times == sorted(times)
    ended = len(session.rows)
    time.sleep(0.05)
    assert len(session.rows) == ended


def test_without_cassandra_the_job_goes_on_with_one_warning(
    run: Run, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with live.shown(run, {}):
        session.away = True
        run.save()
        for name in ("read", "learn"):
            with run.step(name):
                pass
        session.away = False
        run.finish("done")
    assert sum("not shown at /runs for now" in message for message in caplog.messages) == 1
    assert [row[2] for row in session.rows] == ["done"]
    assert json.loads(run.paths.record(run.run_id).read_text())["status"] == "done"


def test_a_job_that_stores_tables_fails_when_its_row_cannot_be_written(run: Run, session: Session) -> None:
    run.row = live.Row(session, Contact(port=1), required=True)
    session.away = True
    with run.step("read"):
        pass  # a step may stay untold
    with pytest.raises(JobError, match="port 1 does not answer"):
        run.finish("done")


def test_where_nothing_listens_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setenv("CASSANDRA_PORT", "1")
    began = time.monotonic()
    run = Run("generate_sample", Paths(tmp_path), {})
    with live.shown(run, {}):
        assert run.row is None
    assert time.monotonic() - began < live.REQUEST_SECONDS
    assert "port 1: this run is not shown at /runs" in caplog.text


def test_a_dry_run_into_parquet_is_not_shown(run: Run, session: Session) -> None:
    with live.shown(run, {"tables": None}):
        run.finish("done")
    assert session.rows == []


def test_a_wrong_address_is_named_before_the_job_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CASSANDRA_PORT", "nine")
    assert (
        cli.execute("try_out", "", lambda parser: None, lambda: None, ["--data-dir", str(tmp_path)]) == ExitCode.FAILED
    )
    assert "CASSANDRA_PORT='nine'" in caplog.text
