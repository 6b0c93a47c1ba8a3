"""GET /reports/eda."""

from __future__ import annotations

from typing import Any

from web.api.blueprints import api_blueprint
from web.current import view
from web.models import EdaAnswer

blueprint = api_blueprint("reports", "What is in the data")


@blueprint.get("/reports/eda", responses={200: EdaAnswer})
def get_eda() -> dict[str, Any]:
    """The columns behind every figure of /insights."""
    return EdaAnswer(dataset_id=view().dataset_id, figures=view().insights()).model_dump()
