"""The record of a run: what ran, on what, how long, how many rows, with which result."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyspark

from domain.run_ids import new_run_id
from spark_jobs.common.io import CassandraTables
from spark_jobs.common.paths import Paths

log = logging.getLogger(__name__)


@dataclass
class Step:
    """A part of a run; set `rows` to say how much it did."""

    name: str
    seconds: float = 0.0
    rows: int | None = None


@dataclass
class Run:
    """One run of a job. Everything said here is in DATA_DIR/runs/<run_id>.json and in the table runs_by_job."""

    job: str
    paths: Paths
    parameters: dict[str, Any]
    table: CassandraTables | None = None
    run_id: str = field(default_factory=new_run_id)
    dataset_id: str | None = None
    status: str = "running"
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    error: str | None = None

    def count(self, name: str, value: int) -> None:
        """Record a number of rows, such as `ratings.rejected`."""
        self.counts[name] = int(value)

    def metric(self, name: str, value: float) -> None:
        """Record a measured figure, such as `ndcg@10.als`."""
        self.metrics[name] = float(value)

    def fact(self, name: str, value: Any) -> None:
        """Record anything else that JSON holds."""
        self.facts[name] = value

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time a part of the run and log one line when it ends."""
        step, begin = Step(name), time.monotonic()
        log.info("%s …", name)
        yield step
        step.seconds = round(time.monotonic() - begin, 3)
        self.steps.append(step)
        rows = "" if step.rows is None else f", {step.rows:,} rows, {step.rows / max(step.seconds, 1e-3):,.0f} rows/s"
        log.info("%s: %.1f s%s", name, step.seconds, rows)
        write_whole(self.paths.record(self.run_id), self.record())

    def record(self) -> dict[str, Any]:
        """The record as JSON types; times are ISO 8601 in UTC, durations in seconds."""
        ended = self.finished_at or datetime.now(UTC)
        return {
            "run_id": self.run_id,
            "job": self.job,
            "status": self.status,
            "dataset_id": self.dataset_id,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at and self.finished_at.isoformat(),
            "seconds": round((ended - self.started_at).total_seconds(), 3),
            "parameters": self.parameters,
            "counts": self.counts,
            "metrics": self.metrics,
            "facts": self.facts,
            "steps": [vars(step) for step in self.steps],
            "error": self.error,
            "versions": {"python": platform.python_version(), "spark": pyspark.__version__},
        }

    def save(self) -> None:
        """Write the record to its file and, for a job with tables in Cassandra, to runs_by_job."""
        write_whole(self.paths.record(self.run_id), self.record())
        if self.table is None:
            return
        with self.table.session() as session:
            session.execute(
                "INSERT INTO runs_by_job (job, run_id, status, dataset_id, started_at, finished_at, record)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    self.job,
                    self.run_id,
                    self.status,
                    self.dataset_id,
                    self.started_at,
                    self.finished_at,
                    json.dumps(self.record(), ensure_ascii=False),
                ),
            )

    def finish(self, status: str, error: str | None = None) -> None:
        """Close the record with its final status: done, refused or failed."""
        self.status, self.error, self.finished_at = status, error, datetime.now(UTC)
        self.save()


def write_whole(path: Path, value: Any) -> None:
    """Write `value` as a JSON file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".staged")
    staged.write_text(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    staged.replace(path)
