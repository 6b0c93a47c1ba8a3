"""GET /runs and /runs/active; POST /runs/rollback."""

from __future__ import annotations

from typing import Any

from flask import request

from cql.active import ActiveRun
from cql.kinds import Kind
from domain.contract.runs import Status
from web.app.active import active_runs
from web.app.blueprints import api_blueprint
from web.app.fields import KeyHeader, ProblemAnswer
from web.app.limits import WRITES, limited
from web.app.security import require_key
from web.runs.answers import answers, is_answered
from web.runs.models import ActiveQuery, ActiveRunAnswer, RollbackBody, RunInfo, RunsAnswer, RunsQuery
from web.runs.progress import progress
from web.runs.store import job_names, newest_runs, read_invented, rollback

blueprint = api_blueprint("runs", "Runs of jobs, and which run readers see")


@blueprint.get("/runs", responses={200: RunsAnswer})
def get_runs(query: RunsQuery) -> dict[str, Any]:
    """The latest runs of every job, or of one job, with their records."""
    jobs = [query.job] if query.job else job_names()
    items = [
        RunInfo(
            **run._asdict(),
            generated=read_invented(run),
            progress=progress(run) if run.status in (Status.RUNNING, Status.LOST) else None,
            answers=answers().of(run.run_id) if is_answered(run) else None,
        )
        for run in newest_runs(jobs, query.limit)
    ]
    return RunsAnswer(items=items).model_dump()


@blueprint.get("/runs/active", responses={200: ActiveRunAnswer})
def get_active_run(query: ActiveQuery) -> dict[str, Any]:
    """The run that readers see, of the recommendations or another kind."""
    return _answer(query.kind, active_runs().published(query.kind))


@blueprint.post(
    "/runs/rollback",
    responses={200: ActiveRunAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    security=[{"key": []}],
)
@limited(WRITES)
def post_rollback(header: KeyHeader, body: RollbackBody) -> dict[str, Any]:
    """Go back to the run before the active one; needs the header X-API-Key.

    Without a body, the recommendations go back.
    """
    require_key(header.x_api_key)
    if request.get_data():
        request.get_json()  # what is not JSON is an error, and not the same as no body
    return _answer(body.kind, rollback(body.kind))


def _answer(kind: Kind, run: ActiveRun) -> dict[str, Any]:
    active_runs().note_invented(kind, run)
    return ActiveRunAnswer(kind=kind, job=kind.job, **vars(run)).model_dump()
