"""The record of a run: what ran, on what, how long, how many rows, with which result."""

from __future__ import annotations

import logging
import os
import platform
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pyspark

from domain.cleaning.excerpt import printable
from domain.contract.files import write_json
from domain.contract.generated import is_generated
from domain.contract.runs import Status, new_run_id
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.summary import of_cleaning

log = logging.getLogger(__name__)

SUMMARY = 3  # lines


@dataclass
class Step:
    """A part of a run; set `rows` to say how much it did."""

    name: str
    seconds: float = 0.0
    rows: int | None = None


@dataclass(frozen=True)
class Finding:
    """What a run says about a subject: a verdict (good, watch or act) and a sentence why."""

    subject: str
    verdict: str
    sentence: str


class Row(Protocol):
    """Where a run is shown while it goes on (spark_jobs/run/live.py)."""

    def show(self, run: Run, *, must: bool) -> None:
        """Write the run as it is now; `must` when the job may not go on without."""


@dataclass
class Run:
    """One run of a job. Everything said here is in DATA_DIR/runs/<run_id>.json and, with a `row`, in runs_by_job.

    `step_now` is the step that is under way, after a failure the one that failed; `tasks` are Spark's at the last beat.
    """

    job: str
    paths: Paths
    parameters: dict[str, Any]
    row: Row | None = None
    run_id: str = field(default_factory=new_run_id)
    dataset_id: str | None = None
    status: Status = Status.RUNNING
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    report: Path | None = None  # the folder of what people read of it
    read_invented: bool = False  # something that a generator made; a data set's id says it, too
    step_now: str | None = None
    step_started_at: datetime | None = None
    tasks: dict[str, int] | None = None
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

    def finding(self, subject: str, verdict: str, sentence: str, first: str = "") -> None:
        """Record a verdict, and say it; spark_jobs/run/alerts.py tells of it when it asks for a look.

        `first` is said of what there is a list of: the first in it.
        """
        self.findings.append(Finding(subject, verdict, sentence))
        self.say(f"{subject.removeprefix('report.')}: {verdict}, {sentence}{f'; first: {first}' if first else ''}")

    def say(self, line: str) -> None:
        """Add a line to the summary: a figure that matters to who has started the job."""
        self.said.append(printable(line))

    @property
    def generated(self) -> bool:
        """Whether its data are invented."""
        return self.read_invented or is_generated(self.dataset_id)

    @property
    def summary(self) -> list[str]:
        """What the job prints at its end, at most SUMMARY lines: its cleaning, what was said, where the report is."""
        place = [f"report: {self.report}"] if self.report else []
        room = SUMMARY - len(place)
        return [*of_cleaning(self.counts, self.facts, room - len(self.said)), *self.said][:room] + place

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time a part of the run, show it while it lasts, and log one line when it ends."""
        step, begin = Step(name), time.monotonic()
        log.info("%s …", name)
        self._show_step(name)
        yield step
        step.seconds = round(time.monotonic() - begin, 3)
        self.steps.append(step)
        rows = "" if step.rows is None else f", {step.rows:,} rows, {step.rows / max(step.seconds, 1e-3):,.0f} rows/s"
        log.info("%s: %.1f s%s", name, step.seconds, rows)
        self._show_step(None)

    def _show_step(self, name: str | None) -> None:
        self.step_now, self.step_started_at, self.tasks = name, datetime.now(UTC) if name else None, None
        self._write(must=False)

    def record(self) -> dict[str, Any]:
        """The record as JSON types; times are ISO 8601 in UTC, durations in seconds."""
        now = datetime.now(UTC)
        ended = self.finished_at or now
        return {
            "run_id": self.run_id,
            "job": self.job,
            "status": self.status,
            "dataset_id": self.dataset_id,
            "generated": self.generated,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at and self.finished_at.isoformat(),
            "seconds": round((ended - self.started_at).total_seconds(), 3),
            "parameters": self.parameters,
            "counts": dict(self.counts),  # copies: the beat reads them from another thread
            "metrics": dict(self.metrics),
            "facts": dict(self.facts),
            "steps": [vars(step) for step in self.steps],
            "findings": [vars(found) for found in self.findings],
            "summary": self.summary,
            "step_now": self.step_now,
            "step_started_at": self.step_started_at and self.step_started_at.isoformat(),
            "tasks": self.tasks,
            "written_at": now.isoformat(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "error": self.error,
            "versions": {"python": platform.python_version(), "spark": pyspark.__version__},
        }

    def save(self) -> None:
        """Write the record to its file and its row.

        Raises:
            JobError: a row that the job cannot do without cannot be written.
        """
        self._write(must=True)

    def _write(self, must: bool) -> None:
        write_json(self.paths.record(self.run_id), self.record())
        if self.row is not None:
            self.row.show(self, must=must)

    def finish(self, status: Status, error: str | None = None) -> None:
        """Close the record with its final status: done, refused or failed."""
        self.end(status, error)
        self.save()

    def end(self, status: Status, error: str | None = None) -> None:
        """Set the final status without writing it, for a record that cannot be written."""
        self.status, self.error, self.finished_at = status, error, datetime.now(UTC)
