"""/runs: what readers see and the way back, jobs under way, what people did since, earlier runs; the record of one."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, render_template

from cql.active import ActiveRun, KeptRun
from cql.kinds import Kind
from domain.contract.runs import Status
from web.app.active import active_runs
from web.app.errors import NotFound
from web.runs.answers import answers, is_answered
from web.runs.progress import progress
from web.runs.store import job_names, left_for, newest_runs, read_invented, run_before, run_of
from web.runs.words import STATUSES, in_order, job_name, kind_name, status_means

RUNS_SHOWN = 10  # of each job
METRICS_SHOWN = 6
KEY_METRICS = ("ndcg@10", "rmse")  # of lists, of stars; each model's follow the dot

blueprint = Blueprint("runs", __name__)
for words in (job_name, kind_name, status_means):
    blueprint.add_app_template_filter(words)


class Shown(NamedTuple):
    """What readers see of a kind; the run they saw until somebody went back, and the one that they can go back to."""

    kind: Kind
    run: ActiveRun
    left: str | None
    before: KeptRun | None


@blueprint.get("/runs")
def runs() -> str:
    """What readers see, the running jobs, and the newest runs of every job."""
    newest, shown = newest_runs(job_names(), RUNS_SHOWN), _shown()
    jobs = in_order({run.job for run in newest})
    return render_template(
        "runs/runs.html",
        shown=shown,
        served={each.run.run_id: each.run.published_at for each in shown},
        running=[(run, progress(run)) for run in newest if run.status == Status.RUNNING],
        lost={run.run_id: progress(run) for run in newest if run.status == Status.LOST},
        answered=[(run.run_id, answers().of(run.run_id)) for run in newest if is_answered(run)],
        jobs={job: [run for run in newest if run.job == job] for job in jobs},
        statuses=[status for status in STATUSES if status in {run.status for run in newest}],
        key_metrics=key_metrics,
        read_invented=read_invented,
    )


def _shown() -> list[Shown]:
    found = ((kind, active_runs().get(kind)) for kind in Kind)
    return [Shown(kind, run, left_for(kind, run), run_before(kind, run)) for kind, run in found if run]


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
