"""/drift: how far recent ratings are from earlier ones, and whether to train again."""

from __future__ import annotations

from flask import Blueprint, render_template

from cql.kinds import Kind
from web.app.active import active_runs
from web.reports.store import newest_reports

HISTORY = 10
MONTHS = 24

blueprint = Blueprint("drift", __name__)


@blueprint.get("/drift")
def drift() -> str:
    """The newest report, whether what readers see was learned from its data, and the verdicts of earlier ones."""
    reports = newest_reports("drift", HISTORY)
    published = active_runs().get(Kind.RECOMMENDATIONS)
    learned = bool(reports) and published is not None and published.dataset_id == reports[0].dataset_id
    return render_template("drift/drift.html", reports=reports, months=MONTHS, learned=learned)
