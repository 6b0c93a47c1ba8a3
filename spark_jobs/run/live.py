"""The row of a run in runs_by_job: written at each step, and between steps as a sign of life.

A job that stores tables in Cassandra cannot do without its row; any other job has one when Cassandra is there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

from cassandra import DriverException
from cassandra.cluster import NoHostAvailable, Session
from cassandra.connection import ConnectionException
from pyspark import SparkContext

from cql.connect import CassandraUnavailable, Contact, connect, listens
from domain.contract.runs import BEAT_SECONDS
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import CassandraTables

log = logging.getLogger(__name__)

REQUEST_SECONDS = 5.0  # a job does not wait longer to say where it is
INSERT = (
    "INSERT INTO runs_by_job (job, run_id, status, dataset_id, started_at, finished_at, record)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
AWAY = (DriverException, NoHostAvailable, ConnectionException)


class Row:
    """A run's row, written through one session by the job and by the thread of the beat, one at a time."""

    def __init__(self, session: Session, contact: Contact, required: bool) -> None:
        self._session = session
        self._contact = contact
        self._required = required
        self._warned = False
        self._lock = Lock()

    def show(self, run: Run, *, must: bool) -> None:
        """Write the run as it is now. What fails is said once, unless the row is required and the write a `must`.

        Raises:
            JobError: Cassandra does not take a write that has to be made.
        """
        try:
            with self._lock:  # what is written last is what was true last
                self._insert(self._session, run)
        except AWAY as error:
            if must and self._required:
                self._insert_anew(run)
            elif not self._warned:
                self._warned = True
                log.warning("The run is not shown at /runs for now: Cassandra at %s: %s", self._contact.address, error)

    def _insert_anew(self, run: Run) -> None:
        """Through a new session: the other one's way to a server that was started again may not be open yet."""
        with self._lock, CassandraTables(self._contact).session() as session:
            try:
                self._insert(session, run)
            except AWAY as error:
                raise JobError(f"runs_by_job cannot be written at {self._contact.address}: {error}") from error

    def _insert(self, session: Session, run: Run) -> None:
        record = json.dumps(run.record(), ensure_ascii=False, default=str)
        values = (run.job, run.run_id, str(run.status), run.dataset_id, run.started_at, run.finished_at, record)
        session.execute(INSERT, values, timeout=REQUEST_SECONDS)


@contextmanager
def shown(run: Run, flags: dict[str, Any]) -> Iterator[None]:
    """Keep the run's row in Cassandra up to date, where the job's flags and the environment ask for one.

    Raises:
        JobError: the job stores tables in Cassandra, which does not answer or has other tables.
    """
    session, contact, required = _connected(flags)
    if session is None:
        yield
        return
    row = run.row = Row(session, contact, required)
    stop = Event()
    beat = Thread(target=_beat, args=(run, row, stop), name="beat", daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join(timeout=REQUEST_SECONDS)
        session.cluster.shutdown()


def _connected(flags: dict[str, Any]) -> tuple[Session | None, Contact, bool]:
    """The session for the row, where it leads, and whether the job needs it."""
    try:
        contact = Contact.from_env()
    except ValueError as error:
        raise JobError(str(error)) from error
    tables = flags.get("tables")
    if isinstance(tables, CassandraTables):
        tables.check()
        try:
            return connect(tables.contact), tables.contact, True
        except CassandraUnavailable as error:
            raise JobError(str(error)) from error
    if "tables" in flags:  # the user wants none, or Parquet; or was told that Cassandra does not listen
        return None, contact, False
    if not listens(contact):
        log.warning("Cassandra does not listen at %s: this run is not shown at /runs.", contact.address)
        return None, contact, False
    try:
        return connect(contact), contact, False
    except CassandraUnavailable as error:
        log.warning("This run is not shown at /runs. %s", error)
        return None, contact, False


def _beat(run: Run, row: Row, stop: Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        run.tasks = _tasks()
        row.show(run, must=False)


def _tasks() -> dict[str, int] | None:
    """Finished and all tasks of the stages that Spark works on now."""
    context = SparkContext._active_spark_context
    if context is None:
        return None
    try:
        tracker = context.statusTracker()
        stages = [found for stage in tracker.getActiveStageIds() if (found := tracker.getStageInfo(stage))]
    except Exception:  # the session is being stopped, which py4j tells in several unrelated classes
        return None
    if not stages:
        return None
    return {"done": sum(stage.numCompletedTasks for stage in stages), "of": sum(stage.numTasks for stage in stages)}
