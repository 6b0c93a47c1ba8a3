"""What is read to tell whether all is well: the newest runs and reports, what is published, and the services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cql.active import ActiveRun
from cql.kinds import Kind
from domain.contract.runs import Status
from web.app.active import active_runs
from web.app.database import database
from web.model.served import served_model
from web.reports.store import subjects_of, unnoted_reports
from web.runs.store import job_names, unnoted_runs

RUNS_READ = 10  # of each job; detect_outliers runs once for each subject
CLEAN = "preprocess_movielens"
REPORTS = ("quality", "drift")


@dataclass(frozen=True)
class Seen:
    """Rows of runs_by_job and reports_by_subject with their JSON parsed, as they are now; runs are newest first."""

    runs: list[Any] = field(default_factory=list)
    reports: dict[str, Any] = field(default_factory=dict)  # the newest of each subject
    active: ActiveRun | None = None
    nodes: dict[str, bool | None] = field(default_factory=dict)
    model: str | None = None  # the run whose arrays this process has

    def of(self, job: str) -> list[Any]:
        """The runs of a job, newest first."""
        return [run for run in self.runs if run.job == job]

    @property
    def running(self) -> list[Any]:
        """Those that are at work."""
        return [run for run in self.runs if run.status == Status.RUNNING]

    @property
    def cleaned(self) -> Any | None:
        """The newest run that stored a cleaned data set, or found it stored already."""
        return next((run for run in self.of(CLEAN) if run.status == Status.DONE), None)

    @property
    def dataset_id(self) -> str | None:
        """The data set that is stored now."""
        return self.cleaned.dataset_id if self.cleaned else None

    def whose(self, dataset_id: str | None) -> str:
        """A sentence that says which data something is of, where readers see others; "" where they see the same."""
        if self.active is None or dataset_id in (None, self.active.dataset_id):
            return ""
        return f" This is of data set {dataset_id}, and what readers see, as at /insights, of {self.active.dataset_id}."


def seen() -> Seen:
    """Read all of it."""
    model = served_model()
    subjects = [*REPORTS, *(f"outliers.{subject}" for subject in subjects_of("outliers"))]
    return Seen(
        runs=unnoted_runs(job_names(), RUNS_READ),
        reports=_newest(subjects),
        active=active_runs().get(Kind.RECOMMENDATIONS),
        nodes=database().nodes(),
        model=model.run_id if model else None,
    )


def _newest(subjects: Iterable[str]) -> dict[str, Any]:
    found = {subject: unnoted_reports(subject, 1) for subject in subjects}
    return {subject: reports[0] for subject, reports in found.items() if reports}
