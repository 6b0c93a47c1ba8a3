"""The schema and the active run in a real Cassandra."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cassandra.cluster import Session

from cluster.settings import Settings
from cql import active
from cql.apply import SchemaDiffers, apply
from cql.connect import Contact, connect
from domain.contract.runs import Status

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def contact(cluster: Settings) -> Contact:
    """A keyspace of this file's own."""
    return replace(Contact.from_env(cluster.child_environ()), keyspace="schema_test")


@pytest.fixture(scope="module")
def session(contact: Contact) -> Iterator[Session]:
    apply(contact)
    session = connect(contact)
    yield session
    session.cluster.shutdown()


@pytest.fixture
def job(request: pytest.FixtureRequest) -> str:
    """A publishing job of the test's own, so that tests share the tables and nothing else."""
    return str(request.node.name)


def record_run(session: Session, job: str, run_id: str, status: str = "done") -> None:
    session.execute(
        "INSERT INTO runs_by_job (job, run_id, status, dataset_id, started_at, record) VALUES (%s, %s, %s, %s, %s, %s)",
        (job, run_id, status, f"data-of-{run_id}", datetime.now(UTC), json.dumps({})),
    )


def test_applying_twice_changes_nothing(session: Session, contact: Contact) -> None:
    before = session.execute("SELECT id FROM system_schema.tables WHERE keyspace_name = %s", (contact.keyspace,)).all()
    apply(contact)
    after = session.execute("SELECT id FROM system_schema.tables WHERE keyspace_name = %s", (contact.keyspace,)).all()
    assert before == after


def test_every_difference_is_listed_by_table_and_column(session: Session, contact: Contact) -> None:
    session.execute("ALTER TABLE links_by_movie DROP tmdb_id", timeout=60)
    session.execute("ALTER TABLE users_by_id ADD shoe_size int", timeout=60)
    with pytest.raises(SchemaDiffers) as caught:
        apply(contact)
    assert "links_by_movie: tmdb_id is missing" in str(caught.value)
    assert "users_by_id: shoe_size is int" in str(caught.value)
    session.execute("ALTER TABLE links_by_movie ADD tmdb_id int", timeout=60)
    session.execute("ALTER TABLE users_by_id DROP shoe_size", timeout=60)
    apply(contact)


def test_the_number_of_copies_follows_the_environment(session: Session, contact: Contact) -> None:
    apply(replace(contact, replication=2))
    query = "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = %s"
    assert "2" in session.execute(query, (contact.keyspace,)).one().replication.values()
    apply(contact)  # with one node, two copies could not be written
    assert "2" not in session.execute(query, (contact.keyspace,)).one().replication.values()


def test_readers_see_nothing_then_one_run_then_the_next(session: Session, job: str) -> None:
    assert active.active_run(session, job) is None
    active.flip(session, job, "run1", "data1", expected=None)
    active.flip(session, job, "run2", "data2", expected="run1")
    seen = active.active_run(session, job)
    assert seen is not None
    assert (seen.run_id, seen.dataset_id) == ("run2", "data2")


@pytest.mark.parametrize("expected", [None, "run0"])
def test_the_second_of_two_publishers_loses(session: Session, job: str, expected: str | None) -> None:
    active.flip(session, job, "run1", "data1", expected=None)
    with pytest.raises(active.LostRace, match="run1 is"):
        active.flip(session, job, "run2", "data2", expected=expected)


def test_rolling_back_goes_to_the_newest_kept_run_before(session: Session, job: str) -> None:
    for run_id, status in (("run1", "done"), ("run2", "done"), ("run3", "failed"), ("run4", "done")):
        record_run(session, job, run_id, status)
    active.flip(session, job, "run4", "data-of-run4", expected=None)
    assert active.rollback(session, job).run_id == "run2"
    assert active.rollback(session, job).run_id == "run1"
    seen = active.active_run(session, job)
    assert seen is not None
    assert seen.dataset_id == "data-of-run1"
    with pytest.raises(active.NothingToRollBackTo, match="no run before run1"):
        active.rollback(session, job)
    assert statuses(session, job) == {"run1": "done", "run2": "withdrawn", "run3": "failed", "run4": "withdrawn"}


def statuses(session: Session, job: str) -> dict[str, str]:
    rows = session.execute("SELECT run_id, status FROM runs_by_job WHERE job = %s", (job,))
    return {row.run_id: row.status for row in rows}


def test_a_run_that_was_rolled_back_is_not_gone_back_to_again(session: Session, job: str) -> None:
    for run_id in ("run1", "run2", "run3", "run4"):
        record_run(session, job, run_id)
    active.flip(session, job, "run3", "data-of-run3", expected=None)
    assert active.rollback(session, job).run_id == "run2"
    active.flip(session, job, "run4", "data-of-run4", expected="run2")
    assert active.rollback(session, job).run_id == "run2"
    assert active.rollback(session, job).run_id == "run1"


def test_a_mark_makes_no_row_for_a_run_that_is_not_known(session: Session, job: str) -> None:
    record_run(session, job, "run1")
    active.mark(session, job, ["run0", "run1"], Status.WITHDRAWN)
    assert statuses(session, job) == {"run1": "withdrawn"}
