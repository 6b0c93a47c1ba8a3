"""/reports/…: a report of the lab as a file, made from what Cassandra has of it, so that no folder must be shared.

The files have the names and, but for lists of outliers longer than 1000, the content of those that the job wrote.
"""

from __future__ import annotations

import mimetypes
from typing import Any

from flask import Blueprint, Response

from domain.contract.report_files import Files, files_of
from web.app.errors import NotFound
from web.reports.plotted import BEFORE_NAME, figures_of_report
from web.reports.store import outlier_rows, report_of_run
from web.shown.plotly import script
from web.shown.plots import numbers_file

LISTED = 1000  # outliers: the most that one request may read

blueprint = Blueprint("files", __name__)


@blueprint.get("/reports/<subject>/<run_id>/<file>")
def download(subject: str, run_id: str, file: str) -> Response:
    """One file of one report, or the numbers of one of its figures; no other names exist."""
    report = report_of_run(subject, run_id)
    if report is None:
        raise NotFound(f"There is no report on {subject[:40]} of run {run_id[:40]}; the last 30 are kept.")
    if file.startswith(BEFORE_NAME):
        return numbers_file(figures_of_report(report), file.removesuffix(".csv"))
    rows = outlier_rows(run_id, subject, LISTED) if subject.startswith("outliers.") else []
    files = _files(report, rows)
    if file not in files:
        raise NotFound(f"This report has no file {file[:40]}: it has {', '.join(files)}.")
    response = Response(files[file](), mimetype=mimetypes.guess_type(file)[0])
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


blueprint.add_app_template_global(figures_of_report, "figures_of_report")


@blueprint.app_template_global()
def file_names(report: Any) -> list[str]:
    """Names of the files of a report, a row of reports_by_subject."""
    return list(_files(report, []))


def _files(row: Any, outliers: list[Any]) -> Files:
    report = {**row.report, "verdict": row.verdict}
    return files_of(row.subject, report, lambda: script().decode(), [outlier._asdict() for outlier in outliers])
