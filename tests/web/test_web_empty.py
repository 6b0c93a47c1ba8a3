"""The site before anything is published, and without tables: it says what to run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql.apply import apply
from cql.connect import Contact
from tests.support.site_world import open_site
from web import create_app

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def site(empty: Contact) -> Iterator[FlaskClient]:
    with open_site(empty) as client:
        yield client


def test_before_the_first_report_the_page_says_what_to_run(site: FlaskClient) -> None:
    for path, job in (("/outliers", "detect_outliers"), ("/quality", "report_quality"), ("/drift", "report_drift")):
        page = site.get(path)
        assert page.status_code == 200
        assert f"make job JOB={job}" in page.text
    for call in ("drift", "quality"):
        assert site.get(f"/api/v1/reports/{call}").status_code == 404


def test_before_the_first_run_the_site_says_what_to_run(site: FlaskClient) -> None:
    for path in ("/", "/health/ready", "/api/v1/movies", "/api/v1/runs/active"):
        answer = site.get(path)
        assert (answer.status_code, "make preprocess" in answer.text) == (503, True)
    assert site.get("/runs").status_code == 200


def test_a_missing_table_is_named_with_what_to_run(empty: Contact, session: Session) -> None:
    session.execute(f"DROP TABLE {empty.keyspace}.runs_by_job", timeout=60)
    try:
        with open_site(empty) as client:
            problem = client.get("/api/v1/runs").json["error"]
        assert problem["code"] == "schema_missing"
        assert problem["message"] == "Table runs_by_job is not installed: run `make schema`."
    finally:
        apply(empty)


def test_a_missing_keyspace_is_told_with_what_to_run(environ: dict[str, str]) -> None:
    answer = create_app({**environ, "CASSANDRA_KEYSPACE": "not_there"}).test_client().get("/runs")
    assert (answer.status_code, "make schema" in answer.text) == (503, True)
