"""All reads of the reports that jobs wrote."""

from __future__ import annotations

import json
from typing import Any

from domain.contract.generated import is_generated
from web.app.database import database, select
from web.app.generated import note

REPORTS = select("reports_by_subject", "subject", limited=True)
REPORT = select("reports_by_subject", "subject", "run_id")
SUBJECTS = ("reports_by_subject", "SELECT DISTINCT subject FROM reports_by_subject")
SERVERS = "/servers/metrics.csv"  # of the sample
OUTLIERS = select("outliers_by_run", "run_id", "subject", limited=True)


def subjects_of(kind: str) -> list[str]:
    """Subjects of the reports of a kind, sorted: users for outliers.users."""
    subjects = (row.subject for row in database().rows(SUBJECTS))
    return sorted(subject.removeprefix(f"{kind}.") for subject in subjects if subject.startswith(f"{kind}."))


def newest_reports(subject: str, limit: int) -> list[Any]:
    """The newest reports, as rows of reports_by_subject with `report` parsed; newest first."""
    reports = unnoted_reports(subject, limit)
    if reports and reports[0].report["generated"]:
        note("data of this report")
    return reports


def unnoted_reports(subject: str, limit: int) -> list[Any]:
    """The same for a page that says itself which of its reports are about invented data."""
    return [_parsed(row) for row in database().rows(REPORTS, subject, limit)]


def newest_report(subject: str) -> Any | None:
    """The first of `newest_reports`, or None where there is none."""
    return next(iter(newest_reports(subject, 1)), None)


def report_of_run(subject: str, run_id: str) -> Any | None:
    """The row of reports_by_subject with `report` parsed, or None where there is none."""
    row = database().one(REPORT, subject, run_id)
    return row and _parsed(row)


def _parsed(row: Any) -> Any:
    report = json.loads(row.report or "{}")
    if "generated" not in report:  # of an older version
        is_sample = str(report.get("source")).endswith(SERVERS)
        report["generated"] = is_sample or is_generated(row.dataset_id)
    return row._replace(report=report)


def outlier_rows(run_id: str, subject: str, limit: int) -> list[Any]:
    """Rows of outliers_by_run with empty lists for nulls, the least usual first."""
    rows = database().rows(OUTLIERS, run_id, subject, limit)
    return [row._replace(reasons=row.reasons or [], values=row.values or []) for row in rows]
