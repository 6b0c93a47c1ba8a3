"""/health/live: this process answers. /health/ready: so does Cassandra, and a run is active."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from cql.kinds import Kind
from web.app.active import active_runs

blueprint = Blueprint("health", __name__, url_prefix="/health")


def register(app: Flask) -> None:
    """Serve both."""
    app.register_blueprint(blueprint)


@blueprint.get("/live")
def live() -> dict[str, Any]:
    """200 while the process can answer at all."""
    return {"status": "live"}


@blueprint.get("/ready")
def ready() -> dict[str, Any]:
    """200 when pages can be shown, else 503 with the reason."""
    active_runs().read(Kind.RECOMMENDATIONS)  # asks Cassandra now; what is remembered would hide that it is away
    run = active_runs().published(Kind.RECOMMENDATIONS)
    return {"status": "ready", "run_id": run.run_id, "dataset_id": run.dataset_id}
