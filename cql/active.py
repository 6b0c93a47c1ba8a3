"""Which run readers see: one row a publishing job in `active_runs`, flipped by a lightweight transaction.

`python -m cql.active rollback` (`make rollback`) goes back to the run published before, and withdraws the one that was
active: no later rollback goes back to that. `show` prints the active one.
Both mean the recommendations, with `--kind catalogue` or `--kind songplays` those.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from cassandra import ConsistencyLevel
from cassandra.cluster import Session
from cassandra.query import SimpleStatement

from cql.connect import CassandraUnavailable, Contact, connect
from cql.kinds import KIND_NAMES, Kind
from domain.contract.runs import Status


class LostRace(RuntimeError):
    """Another run was published between reading the active run and flipping it."""


class NothingToRollBackTo(LookupError):
    """No earlier run is kept for this job."""


@dataclass(frozen=True)
class ActiveRun:
    """What readers see: the run, the cleaned data set it was made from, and since when (UTC)."""

    run_id: str
    dataset_id: str
    published_at: datetime


class KeptRun(NamedTuple):
    """A run that may be shown again, and when its job ended (UTC)."""

    run_id: str
    dataset_id: str
    finished_at: datetime | None


def active_run(session: Session, job: str = Kind.RECOMMENDATIONS.job) -> ActiveRun | None:
    """The run that readers see, or None when `job` has published none yet."""
    query = SimpleStatement(
        "SELECT run_id, dataset_id, published_at FROM active_runs WHERE job = %s",
        # sees a flip that was accepted but not yet applied on every copy
        consistency_level=ConsistencyLevel.LOCAL_SERIAL,
    )
    row = session.execute(query, (job,)).one()
    return ActiveRun(row.run_id, row.dataset_id, row.published_at.replace(tzinfo=UTC)) if row else None


def flip(session: Session, job: str, run_id: str, dataset_id: str, expected: str | None) -> None:
    """Let readers see `run_id` from now on, if they see `expected` until now (None: nothing yet).

    Raises:
        LostRace: they see another one; nothing was changed.
    """
    now = datetime.now(UTC)
    if expected is None:
        statement = (
            "INSERT INTO active_runs (job, run_id, dataset_id, published_at) VALUES (%s, %s, %s, %s) IF NOT EXISTS"
        )
        values: tuple[object, ...] = (job, run_id, dataset_id, now)
    else:
        statement = (
            "UPDATE active_runs SET run_id = %s, dataset_id = %s, published_at = %s WHERE job = %s IF run_id = %s"
        )
        values = (run_id, dataset_id, now, job, expected)
    result = session.execute(SimpleStatement(statement, serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL), values)
    if result.one().applied:
        return
    seen = active_run(session, job)
    if seen is None or seen.run_id != run_id:  # a retried request may find its own first try applied
        raise LostRace(f"{job}: expected {expected} to be active, but {seen.run_id if seen else 'nothing'} is.")


def mark(session: Session, job: str, run_ids: Iterable[str], status: Status) -> None:
    """Set the status of runs that are known; for one that is not, a plain update would make a row."""
    for run_id in run_ids:
        session.execute(
            "UPDATE runs_by_job SET status = %s WHERE job = %s AND run_id = %s IF EXISTS", (str(status), job, run_id)
        )


def run_before(session: Session, run_id: str, job: str = Kind.RECOMMENDATIONS.job) -> KeptRun:
    """The newest kept run that is older than `run_id`: the one that a rollback goes back to.

    Raises:
        NothingToRollBackTo: none is kept.
    """
    query = "SELECT run_id, status, dataset_id, finished_at FROM runs_by_job WHERE job = %s AND run_id < %s"
    for row in session.execute(query, (job, run_id)):
        if row.status == Status.DONE:
            return KeptRun(row.run_id, row.dataset_id, row.finished_at and row.finished_at.replace(tzinfo=UTC))
    raise NothingToRollBackTo(f"{job}: no run before {run_id} is kept.")


def rollback(session: Session, job: str = Kind.RECOMMENDATIONS.job, expected: str | None = None) -> ActiveRun:
    """Flip to the newest kept run that is older than the active one, and return it; the active one is withdrawn.

    Args:
        session: in the keyspace of the tables.
        job: whose runs are meant.
        expected: the run that has to be active for it, None for any.

    Raises:
        NothingToRollBackTo: nothing is active, or no older run is kept.
        LostRace: another run is active than `expected`, or was published meanwhile.
    """
    current = active_run(session, job)
    if current is None:
        raise NothingToRollBackTo(f"{job} has published nothing yet.")
    if expected not in (None, current.run_id):
        raise LostRace(f"{job}: expected {expected} to be active, but {current.run_id} is.")
    kept = run_before(session, current.run_id, job)
    flip(session, job, kept.run_id, kept.dataset_id, expected=current.run_id)
    mark(session, job, [current.run_id], Status.WITHDRAWN)  # last: who loses the race has withdrawn nothing
    return ActiveRun(kept.run_id, kept.dataset_id, datetime.now(UTC))


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cql.active", description=__doc__)
    parser.add_argument("action", choices=("show", "rollback"))
    parser.add_argument("--kind", choices=KIND_NAMES, default=Kind.RECOMMENDATIONS.value, help="default: %(default)s")
    chosen = parser.parse_args(arguments)
    job = Kind(chosen.kind).job
    try:
        session = connect(Contact.from_env())
        try:
            run = rollback(session, job) if chosen.action == "rollback" else active_run(session, job)
        finally:
            session.cluster.shutdown()
    except (CassandraUnavailable, NothingToRollBackTo, LostRace, ValueError) as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    print(f"{job}: {run.run_id} of {run.dataset_id} is active" if run else f"{job}: nothing is active")
    return 0


if __name__ == "__main__":
    sys.exit(main())
