"""/runs: what runs now and how far it is, which run readers see, and what ran with which result."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, render_template

from cql.kinds import Kind
from domain.contract.runs import Status
from web.app.active import active_runs
from web.runs.progress import progress
from web.runs.store import job_names, newest_runs

RUNS_SHOWN = 10  # of each job
METRICS_SHOWN = 4
KEY_METRIC = "ndcg@10"

blueprint = Blueprint("runs", __name__)


@blueprint.get("/runs")
def runs() -> str:
    """The runs that go on, the active run, and the newest runs of every job."""
    found = newest_runs(job_names(), RUNS_SHOWN)
    by_job = groupby(sorted(found, key=lambda run: run.job), key=lambda run: run.job)
    return render_template(
        "runs/runs.html",
        active=active_runs().get(Kind.RECOMMENDATIONS),
        served={run.run_id for kind in Kind if (run := active_runs().get(kind))},
        running=[(run, progress(run)) for run in found if run.status == Status.RUNNING],
        lost={run.run_id: progress(run) for run in found if run.status == Status.LOST},
        jobs={job: list(of_job) for job, of_job in by_job},
        key_metrics=key_metrics,
    )


def key_metrics(record: dict[str, Any]) -> list[tuple[str, float]]:
    """The few metrics worth a place in the table: those of `KEY_METRIC` first, then as recorded."""
    metrics = record.get("metrics") or {}
    return sorted(metrics.items(), key=lambda metric: not metric[0].lower().startswith(KEY_METRIC))[:METRICS_SHOWN]
