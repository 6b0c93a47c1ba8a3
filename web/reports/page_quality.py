"""/quality: whether the data are fit to learn from, which checks failed, and how every column is distributed."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from domain.contract.lights import Outcome
from web.app.errors import NotFound
from web.reports.store import newest_reports, subjects_of

HISTORY = 10
CLEANED = "movielens"  # the subject that stands for the cleaned data set

blueprint = Blueprint("quality", __name__)


@blueprint.app_template_filter()
def light(word: str) -> str:
    """The traffic light that stands for the outcome of a check; a light stays as it is."""
    return str(Outcome(word).light) if word in set(Outcome) else word


@blueprint.get("/quality")
def quality() -> str:
    """The newest report on the cleaned data or on another subject, and the verdicts of earlier ones."""
    subjects = [CLEANED, *subjects_of("quality")]
    subject = request.args.get("subject") or CLEANED
    reports = newest_reports("quality" if subject == CLEANED else f"quality.{subject}", HISTORY)
    if not reports and subject != CLEANED:
        raise NotFound(f"There is no report on the quality of {subject[:40]}.")
    checks = reports[0].report["checks"] if reports else []
    failed = [check for check in checks if check["status"] != Outcome.OK]
    return render_template("quality/quality.html", subjects=subjects, subject=subject, reports=reports, failed=failed)
