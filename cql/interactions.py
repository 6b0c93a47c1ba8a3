"""What people did at the site as lines of JSON: `make down VOLUMES=1` keeps it, `make up` brings it back.

`python -m cql.interactions export` prints a line a row, and last how many; `restore` reads them, and writes each with
the time that it was written at first, so that nothing newer is replaced and repeating it changes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from calendar import timegm
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from cassandra import DriverException
from cassandra.cluster import NoHostAvailable, Session
from cassandra.concurrent import execute_concurrent
from cassandra.query import UNSET_VALUE

from cql import TABLES
from cql.connect import CassandraUnavailable, Contact, connect


class Written(NamedTuple):
    """Columns of a table that are written together, the first of them never null then."""

    table: str
    columns: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of a row."""
        return TABLES[self.table].primary_key

    @property
    def select(self) -> str:
        """CQL that reads every row with the time in microseconds at which these columns were written."""
        return f"SELECT {', '.join((*self.keys, *self.columns))}, WRITETIME({self.columns[0]}) AS at FROM {self.table}"

    @property
    def update(self) -> str:
        """CQL that writes them: the time, the columns, the key."""
        values, where = (" = ?, ".join(self.columns), " = ? AND ".join(self.keys))
        return f"UPDATE {self.table} USING TIMESTAMP ? SET {values} = ? WHERE {where} = ?"


KEPT = (
    Written("interactions_by_user", ("rated_at", "rating", "shown_run", "shown_place", "popular_place")),
    Written("interactions_by_user", ("hidden_at",)),
    Written("feedback_by_user", ("vote", "voted_at")),
)
ROWS = "rows"  # in the last line: how many came before
TOGETHER = 1000  # rows that are written at once


class Damaged(ValueError):
    """What was read is no whole export."""


def exported(session: Session, keyspace: str) -> Iterator[str]:
    """A line for each row of the tables that are installed."""
    known = session.cluster.metadata.keyspaces.get(keyspace)
    for kept in KEPT:
        if known is not None and kept.table in known.tables:
            session.set_keyspace(keyspace)
            for row in session.execute(kept.select):
                if row.at is not None:
                    values = [_plain(getattr(row, name)) for name in (*kept.columns, *kept.keys)]
                    yield json.dumps([kept.table, kept.columns[0], row.at, *values], ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A time as Cassandra stores it, in milliseconds since 1970."""
    return timegm(value.utctimetuple()) * 1000 + value.microsecond // 1000 if isinstance(value, datetime) else value


def restore(session: Session, lines: Iterable[str]) -> int:
    """Write the rows of an export; returns how many.

    Raises:
        Damaged: it does not end as an export does, or has a line that is none of its own; the tables may have a part.
    """
    statements = {(kept.table, kept.columns[0]): (session.prepare(kept.update), kept) for kept in KEPT}
    waiting: list[tuple[Any, list[Any]]] = []
    count = 0
    for line in lines:
        found = _parsed(line, count + 1)
        if isinstance(found, dict):
            execute_concurrent(session, waiting)
            if found.get(ROWS) != count:
                raise Damaged(f"it has {count} rows, and says that they are {found.get(ROWS)}")
            return count
        kind = (str(found[0]), str(found[1])) if isinstance(found, list) and found[1:] else ("", "")
        statement, kept = statements.get(kind, (None, None))
        if statement is None or kept is None or len(found) - 3 != len(kept.columns) + len(kept.keys):
            raise Damaged(f"line {count + 1} is none of an export")
        values = zip((*kept.columns, *kept.keys), found[3:], strict=True)
        waiting.append((statement, [found[2], *(_unless_null(name, value) for name, value in values)]))
        count += 1
        if len(waiting) == TOGETHER:
            execute_concurrent(session, waiting)
            waiting = []
    raise Damaged(f"it ends after {count} rows, without a last line that says how many they are")


def _unless_null(column: str, value: Any) -> Any:
    """The value as it is bound: only the null that says of a rating that it was taken back has to be written."""
    return UNSET_VALUE if value is None and column != "rating" else value


def _parsed(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise Damaged(f"line {number} is no JSON") from error


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cql.interactions", description=__doc__)
    parser.add_argument("action", choices=("export", "restore"))
    action = parser.parse_args(arguments).action
    try:
        contact = Contact.from_env()
        session = connect(contact, keyspace=False)
        try:
            if action == "restore":
                session.set_keyspace(contact.keyspace)
                restore(session, sys.stdin)
            else:
                print_export(session, contact.keyspace)
        finally:
            session.cluster.shutdown()
    except (CassandraUnavailable, DriverException, NoHostAvailable, ValueError, TypeError) as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    return 0


def print_export(session: Session, keyspace: str) -> None:
    """Print every row, and then how many they were; none where the keyspace is not made yet."""
    count = 0
    for line in exported(session, keyspace):
        print(line)
        count += 1
    print(json.dumps({ROWS: count}))


if __name__ == "__main__":
    sys.exit(main())
