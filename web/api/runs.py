"""GET /runs and /runs/active; POST /runs/rollback."""

from __future__ import annotations

from typing import Any

from cql.active import MOVIES, ActiveRun
from domain.run_states import LOST, RUNNING
from web.api.blueprints import api_blueprint
from web.current import store
from web.errors import NothingPublished
from web.models import ActiveRunAnswer, KeyHeader, ProblemAnswer, RunInfo, RunsAnswer, RunsQuery
from web.progress import progress
from web.security import WRITE_LIMIT, limiter, require_key

blueprint = api_blueprint("runs", "What ran, and which run readers see")


@blueprint.get("/runs", responses={200: RunsAnswer})
def get_runs(query: RunsQuery) -> dict[str, Any]:
    """The newest runs of every job, or of one, with their records."""
    jobs = [query.job] if query.job else store().jobs()
    items = [
        RunInfo(**run._asdict(), progress=progress(run) if run.status in (RUNNING, LOST) else None)
        for run in store().runs(jobs, query.limit)
    ]
    return RunsAnswer(items=items).model_dump()


@blueprint.get("/runs/active", responses={200: ActiveRunAnswer})
def get_active_run() -> dict[str, Any]:
    """The run that readers see."""
    run = store().active_run()
    if run is None:
        raise NothingPublished("No run is active yet: run `make preprocess`.")
    return _answer(run)


@blueprint.post(
    "/runs/rollback",
    responses={200: ActiveRunAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    security=[{"key": []}],
)
@limiter.limit(WRITE_LIMIT)
def post_rollback(header: KeyHeader) -> dict[str, Any]:
    """Let readers see the run before the active one; needs the header X-API-Key."""
    require_key(header.x_api_key)
    return _answer(store().rollback())


def _answer(run: ActiveRun) -> dict[str, Any]:
    return ActiveRunAnswer(job=MOVIES, **vars(run)).model_dump()
