"""Stand-ins for what Cassandra has of runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cql.active import ActiveRun
from spark_jobs.publishing.active import StoredDataset
from spark_jobs.storage import folders


class Runs:
    """Stands for the tables active_runs and runs_by_job."""

    job = "job"

    def __init__(self, active: str | None, *cleanings: tuple[str, str | None, str]) -> None:
        self.active, self.known = active, [StoredDataset(*cleaning) for cleaning in cleanings]
        self.marked: list[str] = []
        self.statuses: dict[str, str] = {}
        self.served = "run"

    def get(self) -> ActiveRun | None:
        return ActiveRun(self.served, self.active, datetime.now(UTC)) if self.active else None

    def mark(self, job: str, run_ids: list[str], status: str) -> None:
        self.marked += run_ids
        self.statuses |= dict.fromkeys(run_ids, status)

    def withdrawn(self) -> set[str]:
        return {run_id for run_id, status in self.statuses.items() if status == "withdrawn"}

    def cleanings(self) -> list[StoredDataset]:
        return self.known


def killed(folder: Path, run_id: str, *, complete: bool) -> None:
    """What a process leaves that was killed after the flip, before or after it had completed its folder."""
    with folders.attempt(folder / run_id):
        if complete:
            folders.complete(folder / run_id)
