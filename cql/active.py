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
    if result.was_applied:
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


def rollback(session: Session, job: str = Kind.RECOMMENDATIONS.job) -> ActiveRun:
    """Flip to the newest kept run that is older than the active one, and return it; the active one is withdrawn.

    Raises:
        NothingToRollBackTo: nothing is active, or no older run is kept.
        LostRace: another run was published meanwhile.
    """
    current = active_run(session, job)
    if current is None:
        raise NothingToRollBackTo(f"{job} has published nothing yet.")
    query = "SELECT run_id, status, dataset_id FROM runs_by_job WHERE job = %s AND run_id < %s"
    kept = [row for row in session.execute(query, (job, current.run_id)) if row.status == Status.DONE]
    if not kept:
        raise NothingToRollBackTo(f"{job}: no run before {current.run_id} is kept.")
    flip(session, job, kept[0].run_id, kept[0].dataset_id, expected=current.run_id)
    mark(session, job, [current.run_id], Status.WITHDRAWN)  # last: who loses the race has withdrawn nothing
    return ActiveRun(kept[0].run_id, kept[0].dataset_id, datetime.now(UTC))


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
