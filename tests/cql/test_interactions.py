"""What people did, exported from one keyspace and restored to another, on the real Cassandra."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cassandra.cluster import Session

from cluster.settings import Settings
from cql import TABLES
from cql.apply import apply
from cql.connect import Contact, connect
from cql.interactions import KEPT, Damaged, Written, exported, restore

pytestmark = pytest.mark.cluster
START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = "user_id, movie_id, rating, rated_at, hidden_at, shown_run, shown_place, popular_place"


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@pytest.fixture(scope="module")
def contact(cluster: Settings) -> Contact:
    return replace(Contact.from_env(cluster.child_environ()), keyspace="interactions_test")


@pytest.fixture(scope="module")
def shared(contact: Contact) -> Iterator[Session]:
    apply(contact)
    session = connect(contact)
    yield session
    session.cluster.shutdown()


@pytest.fixture
def session(shared: Session) -> Session:
    """A session in a keyspace whose tables are empty."""
    for table in ("interactions_by_user", "feedback_by_user"):
        shared.execute(f"TRUNCATE {table}", timeout=60)
    return shared


def rate(
    session: Session, user: int, movie: int, rating: float | None, at: datetime, run: str | None = "run-1"
) -> None:
    session.execute(
        "UPDATE interactions_by_user USING TIMESTAMP %s SET rating = %s, rated_at = %s, shown_run = %s"
        " WHERE user_id = %s AND movie_id = %s",
        (micros(at), rating, at, run, user, movie),
    )


def fill(session: Session) -> None:
    """A rating, one that was taken back, a hidden movie, one that was shown again, and votes."""
    rate(session, 1, 10, 4.3, START)
    rate(session, 1, 11, 2.0, START)
    rate(session, 1, 11, None, START + timedelta(days=1), None)
    for movie, at in ((10, START), (12, START), (13, START)):
        session.execute(
            "UPDATE interactions_by_user USING TIMESTAMP %s SET hidden_at = %s WHERE user_id = 2 AND movie_id = %s",
            (micros(at), at, movie),
        )
    session.execute("UPDATE interactions_by_user SET hidden_at = null WHERE user_id = 2 AND movie_id = 13")
    for media, vote in (("tm1", 1), ("ts É 😀 \"'", -1)):
        session.execute(
            "INSERT INTO feedback_by_user (user_id, media_id, vote, voted_at) VALUES (3, %s, %s, %s)",
            (media, vote, START),
        )


def content(session: Session) -> list[list[object]]:
    interactions = session.execute(
        f"SELECT {COLUMNS}, WRITETIME(rated_at), WRITETIME(hidden_at) FROM interactions_by_user"
    )
    votes = session.execute("SELECT user_id, media_id, vote, voted_at, WRITETIME(vote) FROM feedback_by_user")
    return [sorted(map(str, rows)) for rows in (interactions, votes)]


def export(session: Session, contact: Contact) -> list[str]:
    lines = list(exported(session, contact.keyspace))
    return [*lines, json.dumps({"rows": len(lines)})]


def test_everything_comes_back_as_it_was_with_the_times_of_its_writes(session: Session, contact: Contact) -> None:
    fill(session)
    before, lines = content(session), export(session, contact)
    assert len(lines) == 7
    for table in ("interactions_by_user", "feedback_by_user"):
        session.execute(f"TRUNCATE {table}", timeout=60)
    assert restore(session, lines) == 6
    assert content(session) == before
    assert restore(session, lines) == 6
    assert content(session) == before


def test_nothing_newer_is_replaced_and_nothing_older_stays(session: Session, contact: Contact) -> None:
    fill(session)
    lines = export(session, contact)
    rate(session, 1, 10, 0.5, START + timedelta(days=2), "run-2")  # newer than the export
    session.execute("UPDATE interactions_by_user SET hidden_at = null WHERE user_id = 2 AND movie_id = 12")
    session.execute("DELETE FROM feedback_by_user WHERE user_id = 3 AND media_id = 'tm1'")
    after = content(session)
    restore(session, lines)
    assert content(session) == after
    session.execute("TRUNCATE interactions_by_user", timeout=60)
    rate(session, 1, 11, 5.0, START)  # older than the taking back in the export
    restore(session, lines)
    (row,) = session.execute("SELECT rating, rated_at FROM interactions_by_user WHERE user_id = 1 AND movie_id = 11")
    assert (row.rating, row.rated_at.replace(tzinfo=UTC)) == (None, START + timedelta(days=1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "it ends after 6 rows, without a last line"),
        (lambda lines: lines[1:], "it has 5 rows, and says that they are 6"),
        (lambda lines: [], "it ends after 0 rows"),
        (lambda lines: ["{", *lines], "line 1 is no JSON"),
        (lambda lines: [*lines[:2], "[1, 2]", *lines[2:]], "line 3 is none of an export"),
        (lambda lines: ["7"], "line 1 is none of an export"),
        (lambda lines: ["[]"], "line 1 is none of an export"),
        (lambda lines: [lines[0][:-1] + ", 1]"], "line 1 is none of an export"),
    ],
)
def test_what_is_no_whole_export_is_refused(session: Session, contact: Contact, change: object, message: str) -> None:
    fill(session)
    with pytest.raises(Damaged, match=message):
        restore(session, change(export(session, contact)))  # type: ignore[operator]


def test_more_rows_than_are_written_at_once_come_back(session: Session) -> None:
    at = micros(START)
    lines = [json.dumps(["feedback_by_user", "vote", at, 1, at // 1000, user, "tm1"]) for user in range(2345)]
    assert restore(session, [*lines, '{"rows": 2345}']) == 2345
    assert len(list(session.execute("SELECT user_id FROM feedback_by_user"))) == 2345


def run(settings: Settings, keyspace: str, action: str, text: str = "") -> subprocess.CompletedProcess[str]:
    environ = {**settings.child_environ(), "CASSANDRA_KEYSPACE": keyspace}
    command = [sys.executable, "-m", "cql.interactions", action]
    return subprocess.run(command, env=environ, input=text, capture_output=True, text=True, check=False)


def test_the_command_prints_and_reads_it(session: Session, contact: Contact, cluster: Settings) -> None:
    fill(session)
    before = content(session)
    printed = run(cluster, contact.keyspace, "export")
    assert (printed.returncode, printed.stdout.splitlines()) == (0, export(session, contact))
    session.execute("TRUNCATE interactions_by_user", timeout=60)
    assert run(cluster, contact.keyspace, "restore", printed.stdout).returncode == 0
    assert content(session) == before
    bad = run(cluster, contact.keyspace, "restore", '["feedback_by_user", "vote", 1, "x", 2, 7, "tm1"]\n{"rows": 1}')
    assert bad.returncode == 1 and bad.stderr.startswith("ERROR ")


def test_where_nothing_is_installed_there_is_nothing_to_keep(cluster: Settings) -> None:
    printed = run(cluster, "never_made", "export")
    assert (printed.returncode, printed.stdout) == (0, '{"rows": 0}\n'), printed.stderr


def test_columns_that_are_written_together_are_read_with_the_time_of_the_first() -> None:
    votes = Written("feedback_by_user", ("vote", "voted_at"))
    assert votes.select == "SELECT user_id, media_id, vote, voted_at, WRITETIME(vote) AS at FROM feedback_by_user"
    expected = "UPDATE feedback_by_user USING TIMESTAMP ? SET vote = ?, voted_at = ? WHERE user_id = ? AND media_id = ?"
    assert votes.update == expected


@pytest.mark.parametrize("table", ["interactions_by_user", "feedback_by_user"])
def test_every_column_of_what_people_did_is_kept(table: str) -> None:
    kept = [name for each in KEPT if each.table == table for name in each.columns]
    assert sorted([*kept, *TABLES[table].primary_key]) == sorted(TABLES[table].column_names)


def test_an_export_is_printed_line_by_line(session: Session, contact: Contact) -> None:
    fill(session)
    assert restore(session, io.StringIO("\n".join(export(session, contact)) + "\n")) == 6
