"""GET /operate."""

from __future__ import annotations

from typing import Any

from web.app.blueprints import api_blueprint
from web.operate.models import OperateAnswer
from web.operate.page_overview import answered
from web.operate.store import seen

blueprint = api_blueprint("operate", "Is all well?")


@blueprint.get("/operate", responses={200: OperateAnswer})
def get_operate() -> dict[str, Any]:
    """A light, a sentence and the next command for data, quality, drift, outliers, model and services."""
    return answered(seen()).model_dump()
