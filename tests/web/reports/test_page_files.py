"""Reports as files, made from what the real Cassandra has of them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize(
    ("subject", "file", "first"),
    [
        ("quality", "summary_statistics.csv", "table,column,type,rows,missing,missing_share"),
        ("quality", "quality_checks.csv", "table,column,check,value,limit,status,sentence"),
        ("quality", "quality.json", "{"),
        ("quality", "quality.html", "<!doctype html>"),
        ("drift", "drift_analysis.csv", "feature,verdict,psi,js,sentence"),
        ("drift", "drift_by_month.csv", "month,ratings,mean,by_new_users,verdict"),
        ("outliers.servers", "outliers.csv", "place,row,score,latency,<script>alert(3)</script>,reasons"),
        ("outliers.servers", "outliers.html", "<!doctype html>"),
    ],
)
def test_every_report_is_downloaded_from_cassandra(client: FlaskClient, subject: str, file: str, first: str) -> None:
    answer = client.get(f"/reports/{subject}/run-2/{file}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"'
    assert answer.text.startswith(first)
    if file == "quality.html":
        assert "<script>alert(7)" not in answer.text
        assert "Plotly.newPlot" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("quality/run-9/quality.json", 404, "There is no report on quality of run run-9; the last 30 are kept."),
        ("quality/run-2/passwd", 404, "This report has no file passwd: it has quality.json, quality.html"),
        ("quality/run-2/..%2F..%2F.env", 404, ""),
        ("../.env", 404, ""),
    ],
)
def test_no_other_file_is_offered(client: FlaskClient, path: str, status: int, said: str) -> None:
    answer = client.get(f"/reports/{path}")
    assert answer.status_code == status
    assert said in answer.text
