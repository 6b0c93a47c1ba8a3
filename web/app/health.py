"""/health/live: this process answers. /health/ready: so does Cassandra, and a run is active."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from web.app.current import store, view

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
    store().jobs()  # asks Cassandra now; the active run may be remembered
    return {"status": "ready", "run_id": view().run_id, "dataset_id": view().dataset_id}
