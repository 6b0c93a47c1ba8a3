"""GET /reports/eda, /reports/quality and /reports/drift."""

from __future__ import annotations

from typing import Any

from domain.serving.display_titles import display_title
from web.app.blueprints import api_blueprint
from web.app.errors import NotFound
from web.movies.store import movies_view
from web.reports.models import EdaAnswer, QualityQuery, ReportAnswer
from web.reports.store import newest_report

blueprint = api_blueprint("reports", "What is in the data, and how it changes")


@blueprint.get("/reports/eda", responses={200: EdaAnswer})
def get_eda() -> dict[str, Any]:
    """The columns behind every figure of /insights."""
    figures = {name: _with_said_titles(columns) for name, columns in movies_view().insights().items()}
    return EdaAnswer(dataset_id=movies_view().dataset_id, figures=figures).model_dump()


def _with_said_titles(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    said = {"display_title": [display_title(title) for title in columns["title"]]} if "title" in columns else {}
    return columns | said


@blueprint.get("/reports/quality", responses={200: ReportAnswer})
def get_quality(query: QualityQuery) -> dict[str, Any]:
    """The latest report on quality: checks, worst first, and the figures of every column."""
    report = newest_report(f"quality.{query.subject}" if query.subject else "quality")
    if report is None:
        about = f" of {query.subject}" if query.subject else ""
        raise NotFound(f"There is no report on the quality{about}: run the job report_quality.")
    return ReportAnswer(**report._asdict()).model_dump()


@blueprint.get("/reports/drift", responses={200: ReportAnswer})
def get_drift() -> dict[str, Any]:
    """The latest report on drift: features and months with verdicts, whether to retrain and why."""
    report = newest_report("drift")
    if report is None:
        raise NotFound("There is no report on drift: run the job report_drift.")
    return ReportAnswer(**report._asdict()).model_dump()
