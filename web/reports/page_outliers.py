"""/outliers: unusual rows among servers, users, movies or any other table, and why."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.app.errors import NotFound
from web.reports.store import newest_reports, outlier_rows, subjects_of

SHOWN = 50
HISTORY = 10
LINKED = {"users": "users.user", "movies": "movies.movie", "fake-profiles": "users.user", "unusual-users": "users.user"}

blueprint = Blueprint("outliers", __name__)


@blueprint.get("/outliers")
def outliers() -> str:
    """The newest report on one subject, by default the first there is."""
    subjects = subjects_of("outliers")
    subject = request.args.get("subject") or next(iter(subjects), None)
    reports = newest_reports(f"outliers.{subject}", HISTORY) if subject else []
    if subject and not reports:
        raise NotFound(f"There is no report on outliers of {subject[:40]}.")
    rows = outlier_rows(reports[0].run_id, reports[0].subject, SHOWN) if reports else []
    return render_template(
        "outliers/outliers.html",
        subjects=subjects,
        subject=subject,
        reports=reports,
        rows=rows,
        linked=LINKED.get(subject or ""),
    )
