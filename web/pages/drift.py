"""/drift: how far recent ratings are from earlier ones, and whether to train again."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.current import store

HISTORY = 10
MONTHS = 24

blueprint = Blueprint("drift", __name__)


@blueprint.get("/drift")
def drift() -> str:
    """The newest report, and the verdicts of earlier ones."""
    reports = store().reports("drift", HISTORY)
    return render_template("drift/drift.html", reports=reports, months=MONTHS)
