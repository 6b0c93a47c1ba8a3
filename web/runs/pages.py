"""/runs: jobs under way, the run that readers see, what people did since, and earlier runs; and the record of one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, render_template

from cql.kinds import Kind
from domain.contract.runs import Status
from web.app.active import active_runs
from web.app.errors import NotFound
from web.runs.answers import answers, is_answered
from web.runs.progress import progress
from web.runs.store import job_names, newest_runs, read_invented, run_before, run_of

RUNS_SHOWN = 10  # of each job
METRICS_SHOWN = 6
KEY_METRICS = ("ndcg@10", "rmse")  # of lists, of stars; each model's follow the dot

blueprint = Blueprint("runs", __name__)


@blueprint.get("/runs")
def runs() -> str:
    """The running jobs, the active run, and the newest runs of every job."""
    newest, shown = newest_runs(job_names(), RUNS_SHOWN), active_runs().get(Kind.RECOMMENDATIONS)
    by_job = groupby(sorted(newest, key=lambda run: run.job), key=lambda run: run.job)
    return render_template(
        "runs/runs.html",
        active=shown,
        can_go_back=shown is not None and run_before(Kind.RECOMMENDATIONS, shown) is not None,
        served={run.run_id for kind in Kind if (run := active_runs().get(kind))},
        running=[(run, progress(run)) for run in newest if run.status == Status.RUNNING],
        lost={run.run_id: progress(run) for run in newest if run.status == Status.LOST},
        answered=[(run.run_id, answers().of(run.run_id)) for run in newest if is_answered(run)],
        jobs={job: list(of_job) for job, of_job in by_job},
        key_metrics=key_metrics,
        read_invented=read_invented,
    )


@blueprint.get("/runs/<job>/<run_id>")
def record(job: str, run_id: str) -> str:
    """All that is on record of one run; an unknown one is a 404 page."""
    run = run_of(job, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id[:40]} of {job[:40]}.")
    return render_template("runs/record.html", run=run)


def key_metrics(record: dict[str, Any]) -> list[tuple[str, float]]:
    """The first few metrics: those of `KEY_METRICS` before the others, all else in recorded order."""
    metrics = record.get("metrics") or {}
    return sorted(metrics.items(), key=lambda metric: _rank(metric[0].lower()))[:METRICS_SHOWN]


def _rank(name: str) -> int:
    return next((rank for rank, key in enumerate(KEY_METRICS) if name.startswith(key)), len(KEY_METRICS))
