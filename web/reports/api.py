"""GET /reports/eda, /reports/quality and /reports/drift."""

from __future__ import annotations

from typing import Any

from web.app.blueprints import api_blueprint
from web.app.current import store, view
from web.app.errors import NotFound
from web.reports.models import EdaAnswer, QualityQuery, ReportAnswer

blueprint = api_blueprint("reports", "What is in the data, and how it changes")


@blueprint.get("/reports/eda", responses={200: EdaAnswer})
def get_eda() -> dict[str, Any]:
    """The columns behind every figure of /insights."""
    return EdaAnswer(dataset_id=view().dataset_id, figures=view().insights()).model_dump()


@blueprint.get("/reports/quality", responses={200: ReportAnswer})
def get_quality(query: QualityQuery) -> dict[str, Any]:
    """The newest report on quality: checks, the worst first, and the figures of every column."""
    found = store().reports(f"quality.{query.subject}" if query.subject else "quality", 1)
    if not found:
        of = f" of {query.subject}" if query.subject else ""
        raise NotFound(f"There is no report on the quality{of}: run the job report_quality.")
    return ReportAnswer(**found[0]._asdict()).model_dump()


@blueprint.get("/reports/drift", responses={200: ReportAnswer})
def get_drift() -> dict[str, Any]:
    """The newest report on drift: features and months with verdicts, whether to train again and why."""
    found = store().reports("drift", 1)
    if not found:
        raise NotFound("There is no report on drift: run the job report_drift.")
    return ReportAnswer(**found[0]._asdict()).model_dump()
