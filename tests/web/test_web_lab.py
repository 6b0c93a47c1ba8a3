"""Outliers, quality and drift on their pages and by the API, read from the real Cassandra."""

from __future__ import annotations

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql.connect import Contact
from tests.support.site_world import LISTED, UNLISTED, store_unfinished
from web import create_app

pytestmark = pytest.mark.cluster
API = "/api/v1/outliers"
DRIFT = "/api/v1/reports/drift"
QUALITY = "/api/v1/reports/quality"


def test_the_newest_report_is_answered_with_its_rows_least_usual_first(client: FlaskClient) -> None:
    answer = client.get(f"{API}/servers").json
    assert (answer["subject"], answer["run_id"], answer["verdict"]) == ("servers", "run-2", "watch")
    assert answer["report"]["epsilon"] == "3.1e-400"
    assert answer["items"][0] == {
        "place": 1,
        "row_id": str(LISTED),
        "score": -900.5,
        "reasons": ["latency 9 (+6.0 sd)"],
        "values": [9.0, 1.5],
    }
    assert [item["place"] for item in client.get(f"{API}/servers?limit=1").json["items"]] == [1]


def test_a_subject_without_a_report_is_404_with_a_sentence(client: FlaskClient) -> None:
    answer = client.get(f"{API}/nothing")
    assert answer.status_code == 404
    assert answer.json["error"]["message"] == "There is no report on outliers of nothing: run the job detect_outliers."
    assert client.get("/outliers?subject=nothing").status_code == 404


def test_the_page_says_what_was_found_how_and_why(client: FlaskClient) -> None:
    page = client.get("/outliers?subject=servers").text
    for said in (
        "2 of 307 rows lie below epsilon",
        "3.1e-400 (exact)",
        "0.8750",
        "latency 9 (+6.0 sd)",
        "Earlier reports",
    ):
        assert said in page
    assert "Earlier reports" in page
    assert "<script>alert" not in page


def test_users_on_the_list_are_linked(client: FlaskClient) -> None:
    page = client.get("/outliers?subject=users").text
    assert f'href="/users/{LISTED}"' in page
    assert f'href="/users/{UNLISTED}"' in page


def test_drift_says_whether_to_train_again_and_why(client: FlaskClient) -> None:
    page = client.get("/drift").text
    assert "Retrain: <b>yes</b>, because the distribution of rating has moved" in page
    for said in ("0.2838", "2017-02", "2018-09", "run-1", '<span class="status good">good</span>'):
        assert said in page
    answer = client.get(DRIFT).json
    assert (answer["run_id"], answer["verdict"], answer["report"]["retrain"]) == ("run-2", "act", True)


def test_quality_shows_the_verdict_what_failed_and_every_column(client: FlaskClient) -> None:
    page = client.get("/quality").text
    for said in (
        '<span class="status act">act</span> 2 checks: 1 error.',
        "ratings.rating: missing is 10% &lt;script&gt;",
        "3.502",
        "≈ 10",
        "1996-03-29 18:36:55",
        "Earlier reports",
        'href="/reports/quality/run-2/summary_statistics.csv"',
        'href="/quality?subject=titles"',
    ):
        assert said in page
    answer = client.get(QUALITY).json
    assert (answer["run_id"], answer["verdict"], answer["report"]["checks"][0]["status"]) == ("run-2", "act", "error")
    assert client.get(f"{QUALITY}?subject=titles").json["run_id"] == "run-1"
    assert client.get(f"{QUALITY}?subject=nothing").status_code == 404
    assert client.get("/quality?subject=nothing").status_code == 404


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


def test_before_the_first_report_the_page_says_what_to_run(empty: Contact, environ: dict[str, str]) -> None:
    app = create_app({**environ, "CASSANDRA_KEYSPACE": empty.keyspace})
    for path, job in (("/outliers", "detect_outliers"), ("/quality", "report_quality"), ("/drift", "report_drift")):
        page = app.test_client().get(path)
        assert page.status_code == 200
        assert f"make job JOB={job}" in page.text
    assert app.test_client().get(DRIFT).status_code == app.test_client().get(QUALITY).status_code == 404
    app.extensions["recommender.store"]._database.session().cluster.shutdown()


def test_a_run_under_way_shows_its_step_and_one_whose_process_is_gone_is_lost(
    client: FlaskClient, session: Session
) -> None:
    store_unfinished(session)  # again, as «now» may be minutes ago
    running, lost = client.get("/api/v1/runs?job=train_als").json["items"]
    assert (running["status"], lost["status"]) == ("running", "lost")
    at = running["progress"]
    assert (at["steps_done"], at["rows"], at["tasks_done"], at["tasks"]) == (1, 1234567, 3, 8)
    assert 305 <= at["seconds"] < 600
    assert 300 <= lost["progress"]["seconds"] < 301, "it took until it was last heard of"
    page = client.get("/runs").text
    for said in ("for 5 min", "1,234,567 rows in the step before", "3 of 8 tasks", "spark-master, process 77"):
        assert said in page
    assert "Its process is gone (spark-master, process 77): last heard of 1 h 0 min ago" in page
    assert "<script>alert(7)" not in page
    assert client.get("/api/v1/runs?job=publish_recommendations").json["items"][0]["progress"] is None


def test_a_profile_has_the_anomaly_scores_and_flags_and_the_page_says_them(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/users/{LISTED}/profile").json["anomalies"] == {
        "run_id": "run-4",
        "isolation_score": -0.75,
        "unusual": True,
        "list_evidence": -3.25,
        "fake_profile": False,
        "reasons": ["unusual: rating_count 2 (median 70)"],
    }
    page = client.get(f"/users/{LISTED}").text
    assert "This user is unlike most others" in page
    assert "rating_count 2 (median 70)" in page
    assert client.get(f"/api/v1/users/{UNLISTED}/profile").json["anomalies"] is None
    assert "Nobody has looked yet" in client.get(f"/users/{UNLISTED}").text
