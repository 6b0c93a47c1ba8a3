"""All reads of jobs and their runs, and the rollback to the run before the active one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cql import active
from cql.active import ActiveRun, KeptRun
from cql.kinds import Kind
from domain.contract.generated import is_generated
from domain.contract.runs import Status
from web.app.active import RUN, active_runs
from web.app.database import database, select, translated
from web.app.errors import Conflict
from web.app.generated import note
from web.runs.progress import with_state

RUNS = select("runs_by_job", "job", limited=True)
LATER = (
    "runs_by_job",
    "SELECT run_id, status, writetime(status) AS written FROM runs_by_job WHERE job = ? AND run_id > ?",
)
JOBS = ("runs_by_job", "SELECT DISTINCT job FROM runs_by_job")  # a dozen partitions, so a scan is cheap


def job_names() -> list[str]:
    """Names of the jobs that have ever run, sorted."""
    return sorted(row.job for row in database().rows(JOBS))


def newest_runs(jobs: Iterable[str], limit: int) -> list[Any]:
    """The newest `limit` runs of each job, as rows of runs_by_job with `record` parsed; newest of all first.

    A run that is stored as running but whose process is gone has the status `lost`.
    """
    runs = unnoted_runs(jobs, limit)
    if any(map(read_invented, runs)):
        note("data of the runs that say so below")
    return runs


def unnoted_runs(jobs: Iterable[str], limit: int) -> list[Any]:
    """The same for a page that says itself which of its runs have read invented data."""
    partitions = database().each(RUNS, [(job, limit) for job in jobs])
    runs = [_parsed(row) for partition in partitions for row in partition]
    return sorted(runs, key=lambda run: run.run_id, reverse=True)


def _parsed(row: Any) -> Any:
    """The row with its record parsed, and as lost where its process is gone."""
    return with_state(row._replace(record=json.loads(row.record or "{}")))


def run_of(job: str, run_id: str) -> Any | None:
    """One run, as in `newest_runs`; None where there is none."""
    row = database().one(RUN, job, run_id)
    if row is None:
        return None
    run = _parsed(row)
    if read_invented(run):
        note("data that this run has read")
    return run


def read_invented(run: Any) -> bool:
    """Whether a run, as a row with its record parsed, has read invented data."""
    return bool(run.record.get("generated")) or is_generated(run.dataset_id)


def run_before(kind: Kind, run: ActiveRun) -> KeptRun | None:
    """The run that a rollback from `run` goes back to, None where none is kept."""
    try:
        with translated():
            return active.run_before(database().session(), run.run_id, kind.job)
    except active.NothingToRollBackTo:
        return None


def left_for(kind: Kind, run: ActiveRun) -> str | None:
    """The id of the run that readers saw until somebody went back to `run`, None where `run` was published last."""
    # of several that were left, the one that was left last: ids alone would not tell
    left = [
        (row.written, row.run_id)
        for row in database().rows(LATER, kind.job, run.run_id)
        if row.status == Status.WITHDRAWN
    ]
    return max(left)[1] if left else None


def rollback(kind: Kind, expected: str | None = None) -> ActiveRun:
    """Let readers see the run before the active one again; `expected` is the one that has to be active for it.

    Raises:
        Conflict: there is none, or another run was published meanwhile.
    """
    try:
        with translated():
            run = active.rollback(database().session(), kind.job, expected)
    except (active.NothingToRollBackTo, active.LostRace) as error:
        raise Conflict(str(error)) from error
    active_runs().remember(kind, run)
    return run
