"""The process's one Cassandra session, and how statements are prepared, run and timed out on it.

The session is made by the first request, so after gunicorn's fork. When that fails, later requests try again, one
at a time and not more often than every `RETRY_SECONDS`; once made, the driver itself reconnects.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from cassandra import ConsistencyLevel, DriverException, InvalidRequest
from cassandra.cluster import NoHostAvailable, ResponseFuture, ResultSet, Session
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.connection import ConnectionException
from cassandra.query import BoundStatement, PreparedStatement
from flask import current_app

from cql import TABLES
from cql.connect import CassandraUnavailable, Contact, connect
from web.app.errors import CassandraAway, SchemaMissing

CONNECT_SECONDS = 3.0
READ_SECONDS = 4.0
RETRY_SECONDS = 1.0
WAIT_SECONDS = 2.0  # at most this long does a request wait for another one's attempt to connect
PAGE_ROWS = 500
ASKED_AT_ONCE = 300
WRITES_AT_ONCE = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's unrelated error classes into ours.

    Raises:
        SchemaMissing: a statement does not fit the tables that are installed.
        CassandraAway: anything else that the driver raises.
    """
    try:
        yield
    except InvalidRequest as error:
        raise SchemaMissing(f"A table is not installed: run `make schema` ({error}).") from error
    except (DriverException, NoHostAvailable, ConnectionException) as error:
        raise CassandraAway("Cassandra does not answer at the moment; try again in a few seconds.") from error


def select(table: str, *keys: str, columns: Sequence[str] = (), limited: bool = False) -> tuple[str, str]:
    """The table's name, and the CQL that reads its `columns`, or all, where the `keys` are equal to bound values.

    With `limited` the last bound value is the greatest number of rows. Columns come from cql/tables.
    """
    where = f" WHERE {' AND '.join(f'{key} = ?' for key in keys)}" if keys else ""
    what = ", ".join(columns or TABLES[table].column_names)
    return table, f"SELECT {what} FROM {table}{where}{' LIMIT ?' if limited else ''}"


def write_time(at: datetime) -> int:
    """The time as that of a write (USING TIMESTAMP), in microseconds since 1970; `at` is in UTC."""
    return (at - EPOCH) // timedelta(microseconds=1)


class Database:
    """Runs prepared statements. Every method raises CassandraAway or SchemaMissing, as `translated` does."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._session: Session | None = None
        self._connecting = threading.Lock()
        self._failed_at = float("-inf")
        self._failure = ""
        self._prepared: dict[str, PreparedStatement] = {}

    def session(self) -> Session:
        """The session, connected on first use."""
        if self._session is not None:
            return self._session
        self._refuse_soon_after_failure()
        if not self._connecting.acquire(timeout=WAIT_SECONDS):
            raise CassandraAway(f"Still connecting to Cassandra at {self._contact.address}.")
        try:
            return self._session or self._connect()
        finally:
            self._connecting.release()

    def _refuse_soon_after_failure(self) -> None:
        if time.monotonic() - self._failed_at < RETRY_SECONDS:
            raise CassandraAway(self._failure)

    def _connect(self) -> Session:
        self._refuse_soon_after_failure()
        try:
            self._session = connect(self._contact, connect_timeout=CONNECT_SECONDS, request_timeout=READ_SECONDS)
        except CassandraUnavailable as error:
            self._failed_at, self._failure = time.monotonic(), str(error)
            raise CassandraAway(self._failure) from error
        return self._session

    def nodes(self) -> dict[str, bool | None]:
        """Whether each node of Cassandra is up, by its address, as the driver sees it; None where it cannot tell."""
        return {str(host.address): host.is_up for host in self.session().cluster.metadata.all_hosts()}

    def one(self, query: tuple[str, str], *values: Any) -> Any | None:
        """The first row, or None."""
        return next(iter(self.rows(query, *values)), None)

    def rows(self, query: tuple[str, str], *values: Any) -> Iterator[Any]:
        """The rows, read page by page as they are taken."""
        bound = self._prepare(query).bind(values)
        bound.fetch_size = PAGE_ROWS
        with translated():
            yield from self.session().execute(bound)

    def ask(self, query: tuple[str, str], *values: Any) -> Callable[[], list[Any]]:
        """Ask for the rows now; what is returned waits for them, so that others can be asked for meanwhile."""
        bound = self._prepare(query).bind(values)
        bound.fetch_size = PAGE_ROWS
        with translated():
            asked = self.session().execute_async(bound)

        def wait() -> list[Any]:
            with translated():
                return list(asked.result())

        return wait

    def write(self, query: tuple[str, str], *values: Any) -> None:
        """Run a statement that writes."""
        statement = self._prepare(query)
        with translated():
            self.session().execute(statement.bind(values))

    def write_each(self, query: tuple[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement that writes once for the values of every row; who sees it fail may repeat all of them."""
        statement = self._prepare(query)
        with translated():
            execute_concurrent_with_args(self.session(), statement, rows, concurrency=WRITES_AT_ONCE)

    def each(self, query: tuple[str, str], keys: Iterable[Sequence[Any]]) -> list[list[Any]]:
        """The rows of every key, in the order of the keys; some hundred are asked for at once."""
        statement, bound = self._prepare(query), list(keys)
        found: list[list[Any]] = []
        with translated():
            for start in range(0, len(bound), ASKED_AT_ONCE):
                part = bound[start : start + ASKED_AT_ONCE]
                asked = [self.session().execute_async(statement.bind(key)) for key in part]
                found += [list(answer.result()) for answer in asked]
        return found

    def streams(
        self, query: tuple[str, str], keys: Iterable[Sequence[Any]], page: int, more: int = PAGE_ROWS
    ) -> list[Iterator[Any]]:
        """The rows of every key, in the order of the keys; the first `page` of each are asked for at once.

        Further ones are read as they are taken, `more` at a time or as many as at first, from the second page on one
        page ahead, so give at most a hundred keys.
        """
        statement = self._prepare(query)
        asked = []
        with translated():
            for key in keys:
                bound = statement.bind(key)
                bound.fetch_size = page
                asked.append((bound, self.session().execute_async(bound)))
        return [self._rows_of(bound, future, more) for bound, future in asked]

    def _rows_of(self, bound: BoundStatement, future: ResponseFuture, more: int) -> Iterator[Any]:
        """The rows of a page that was asked for, then those of larger ones.

        Whoever needs a second page is likely to need a third: Cassandra reads it while the second is looked at.
        """

        def following(result: ResultSet) -> ResponseFuture:
            return self.session().execute_async(bound, paging_state=result.paging_state)

        with translated():
            result = future.result()
            yield from result.current_rows
            bound.fetch_size = max(more, bound.fetch_size)
            ahead = following(result) if result.has_more_pages else None
            while ahead is not None:
                result = ahead.result()
                ahead = following(result) if result.has_more_pages else None
                yield from result.current_rows

    def _prepare(self, query: tuple[str, str]) -> PreparedStatement:
        table, text = query
        if text not in self._prepared:
            session = self.session()
            try:
                with translated():
                    statement = session.prepare(text)
            except SchemaMissing as error:
                raise SchemaMissing(f"Table {table} is not installed: run `make schema`.") from error
            statement.is_idempotent = True
            statement.serial_consistency_level = ConsistencyLevel.LOCAL_SERIAL  # of statements with IF
            self._prepared[text] = statement
        return self._prepared[text]


def database() -> Database:
    """The app's one way to Cassandra, shared by all rooms."""
    return current_app.extensions["recommender.database"]
