"""GET /reports/eda and /reports/drift."""

from __future__ import annotations

from typing import Any

from web.api.blueprints import api_blueprint
from web.current import store, view
from web.errors import NotFound
from web.models import EdaAnswer, ReportAnswer

blueprint = api_blueprint("reports", "What is in the data, and how it changes")


@blueprint.get("/reports/eda", responses={200: EdaAnswer})
def get_eda() -> dict[str, Any]:
    """The columns behind every figure of /insights."""
    return EdaAnswer(dataset_id=view().dataset_id, figures=view().insights()).model_dump()


@blueprint.get("/reports/drift", responses={200: ReportAnswer})
def get_drift() -> dict[str, Any]:
    """The newest report on drift: features and months with verdicts, whether to train again and why."""
    found = store().reports("drift", 1)
    if not found:
        raise NotFound("There is no report on drift: run the job report_drift.")
    return ReportAnswer(**found[0]._asdict()).model_dump()
