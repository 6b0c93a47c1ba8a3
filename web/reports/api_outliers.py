"""GET /outliers/{subject}."""

from __future__ import annotations

from typing import Any

from web.app.blueprints import api_blueprint
from web.app.errors import NotFound
from web.reports.models import OutlierRow, OutliersAnswer, OutliersQuery, SubjectPath
from web.reports.store import newest_report, outlier_rows

blueprint = api_blueprint("outliers", "Rows, users and movies that are unlike the rest")


@blueprint.get("/outliers/<subject>", responses={200: OutliersAnswer})
def get_outliers(path: SubjectPath, query: OutliersQuery) -> dict[str, Any]:
    """The latest report on a subject, and its most unusual rows."""
    newest = newest_report(f"outliers.{path.subject}")
    if newest is None:
        raise NotFound(f"There is no report on outliers of {path.subject}: run the job detect_outliers.")
    rows = outlier_rows(newest.run_id, newest.subject, query.limit)
    items = [OutlierRow(**row._asdict()) for row in rows]
    about = {"run_id": newest.run_id, "dataset_id": newest.dataset_id, "verdict": newest.verdict}
    return OutliersAnswer(subject=path.subject, report=newest.report, items=items, **about).model_dump()
