"""/quality: whether the data are fit to learn from, which checks failed, and how every column is distributed."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.app.errors import NotFound
from web.reports.store import newest_reports, subjects_of

HISTORY = 10
CLEANED = "movielens"  # the subject that stands for the cleaned data set

blueprint = Blueprint("quality", __name__)


@blueprint.get("/quality")
def quality() -> str:
    """The newest report on the cleaned data or on another subject, and the verdicts of earlier ones."""
    subjects = [CLEANED, *subjects_of("quality")]
    subject = request.args.get("subject") or CLEANED
    reports = newest_reports("quality" if subject == CLEANED else f"quality.{subject}", HISTORY)
    if not reports and subject != CLEANED:
        raise NotFound(f"There is no report on the quality of {subject[:40]}.")
    return render_template("quality/quality.html", subjects=subjects, subject=subject, reports=reports)
