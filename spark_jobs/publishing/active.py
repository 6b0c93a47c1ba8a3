"""The active run, and status and folders of runs, for a job whose tables are in Cassandra or in a folder of Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from cql.active import ActiveRun, LostRace, active_run, flip, mark
from cql.kinds import Kind
from domain.contract.files import write_json
from domain.contract.runs import Status
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.tables import CassandraTables, ParquetTables, Tables

CLEANING = "preprocess_movielens"


@dataclass(frozen=True)
class StoredDataset:
    """A run of the cleaning job as runs_by_job has it."""

    run_id: str
    dataset_id: str | None
    status: str


class ActiveRuns(Protocol):
    """Which run of one publishing job readers see."""

    job: str

    def get(self) -> ActiveRun | None:
        """The active run, None before the first."""

    def flip(self, run_id: str, dataset_id: str, expected: str | None) -> None:
        """Make `run_id` active if `expected` still is.

        Raises:
            JobError: another run was published meanwhile; readers see that one.
        """

    def mark(self, job: str, run_ids: Iterable[str], status: Status) -> None:
        """Set the status of runs that are known."""

    def withdrawn(self) -> set[str]:
        """Runs that a rollback has left: none goes back to them."""

    def cleanings(self) -> list[StoredDataset]:
        """Runs of the cleaning job, newest first."""


class CassandraActiveRuns:
    """In the tables active_runs and runs_by_job."""

    def __init__(self, tables: CassandraTables, job: str) -> None:
        self.tables, self.job = tables, job

    def get(self) -> ActiveRun | None:
        """See `ActiveRuns.get`."""
        with self.tables.session() as session:
            return active_run(session, self.job)

    def flip(self, run_id: str, dataset_id: str, expected: str | None) -> None:
        """See `ActiveRuns.flip`."""
        with self.tables.session() as session:
            try:
                flip(session, self.job, run_id, dataset_id, expected)
            except LostRace as lost:
                raise _overtaken(self.job, str(lost)) from lost

    def mark(self, job: str, run_ids: Iterable[str], status: Status) -> None:
        """See `ActiveRuns.mark`."""
        with self.tables.session() as session:
            mark(session, job, run_ids, status)

    def withdrawn(self) -> set[str]:
        """See `ActiveRuns.withdrawn`."""
        with self.tables.session() as session:
            rows = session.execute("SELECT run_id, status FROM runs_by_job WHERE job = %s", (self.job,))
            return {row.run_id for row in rows if row.status == Status.WITHDRAWN}

    def cleanings(self) -> list[StoredDataset]:
        """See `ActiveRuns.cleanings`."""
        with self.tables.session() as session:
            rows = session.execute("SELECT run_id, dataset_id, status FROM runs_by_job WHERE job = %s", (CLEANING,))
            return [StoredDataset(row.run_id, row.dataset_id, row.status) for row in rows]


class FileActiveRuns:
    """In active_runs.json beside tables of Parquet; such a folder has one writer and no record of cleanings."""

    def __init__(self, tables: ParquetTables, job: str = Kind.RECOMMENDATIONS.job) -> None:
        self.path, self.job = tables.root / "active_runs.json", job

    def get(self) -> ActiveRun | None:
        """See `ActiveRuns.get`."""
        row = self._rows().get(self.job)
        return row and ActiveRun(row["run_id"], row["dataset_id"], datetime.fromisoformat(row["published_at"]))

    def _rows(self) -> dict[str, Any]:
        return json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}

    def flip(self, run_id: str, dataset_id: str, expected: str | None) -> None:
        """See `ActiveRuns.flip`."""
        seen = self.get()
        if (seen.run_id if seen else None) != expected:
            found = seen.run_id if seen else "nothing"
            raise _overtaken(self.job, f"{self.job}: expected {expected} to be active, but {found} is.")
        row = {"run_id": run_id, "dataset_id": dataset_id, "published_at": datetime.now(UTC).isoformat()}
        write_json(self.path, {**self._rows(), self.job: row})

    def mark(self, job: str, run_ids: Iterable[str], status: Status) -> None:
        """Nothing to do: the status of a run is in Cassandra only."""

    def withdrawn(self) -> set[str]:
        """None are recorded."""
        return set()

    def cleanings(self) -> list[StoredDataset]:
        """None are recorded."""
        return []


def active_runs(tables: Tables, job: str = Kind.RECOMMENDATIONS.job) -> ActiveRuns:
    """Where the active run of these tables, published by `job`, is kept."""
    if isinstance(tables, CassandraTables):
        return CassandraActiveRuns(tables, job)
    assert isinstance(tables, ParquetTables)
    return FileActiveRuns(tables, job)


def home_of_runs(tables: Tables, paths: Paths) -> Paths:
    """Where the folders of runs published to these tables lie: those of a dry run beside its tables.

    Among real runs they would take the places of those that a rollback needs, and `make sql` would show them.

    Raises:
        JobError: the Parquet tables are in DATA_DIR itself, where real runs are.
    """
    if isinstance(tables, CassandraTables):
        return paths
    assert isinstance(tables, ParquetTables)
    if tables.root.resolve() == paths.root.resolve():
        raise JobError(f"{tables.root} has the runs published to Cassandra: name another folder, --tables parquet:DIR.")
    return Paths(tables.root)


def _overtaken(job: str, found: str) -> JobError:
    return JobError(
        f"Another run was published while this one worked, and readers see that one. {found}"
        f" Run {job} again if this result is the better one; the next run deletes what this one wrote."
    )
