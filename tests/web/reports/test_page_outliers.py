"""Outliers on their page and by the API, read from the real Cassandra."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED, UNLISTED

pytestmark = pytest.mark.cluster
API = "/api/v1/outliers"


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
        "load against latency",
        "Circles are outliers",
    ):
        assert said in page
    assert "Earlier reports" in page
    assert "<script>alert" not in page


def test_users_on_the_list_are_linked(client: FlaskClient) -> None:
    page = client.get("/outliers?subject=users").text
    assert f'href="/users/{LISTED}"' in page
    assert f'href="/users/{UNLISTED}"' in page


def test_the_plot_has_its_numbers_outliers_first(client: FlaskClient) -> None:
    answer = client.get("/reports/outliers.servers/run-2/plot-rows.csv")
    assert answer.text.splitlines()[:2] == ["Series,latency,load,Value,Name", "outliers,9.0,1.5,,1: <script>alert(8)"]
    assert 'href="/reports/outliers.servers/run-2/plot-rows.csv"' in client.get("/outliers?subject=servers").text
