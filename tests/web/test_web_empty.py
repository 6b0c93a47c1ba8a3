"""The site before anything is published, and without tables: it says what to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql.apply import apply
from cql.connect import Contact, connect
from tests.support.site_world import insert, open_site
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
        assert_preview(site, page.text)
    for call in ("drift", "quality"):
        assert site.get(f"/api/v1/reports/{call}").status_code == 404


def assert_preview(site: FlaskClient, page: str) -> None:
    """A picture of what the page will look like, with words for it, that is small."""
    address, words = re.findall(r'<img src="(/static/previews/[^"]+)".* alt="([^"]+)"', page)[0]
    picture = site.get(address)
    assert (picture.status_code, len(picture.data) <= 15 * 1024, len(words) > 20) == (200, True, True)


def test_before_the_first_songs_and_titles_the_page_says_what_to_run(site: FlaskClient) -> None:
    for path, command in (("/songs", "make job JOB=generate_songplays"), ("/catalogue", "CATALOGUE_DIR=")):
        page = site.get(path)
        assert (page.status_code, command in page.text) == (200, True)
        assert_preview(site, page.text)


def test_home_says_how_far_the_first_lists_are(site: FlaskClient, empty: Contact) -> None:
    assert "Nothing is published yet" in site.get("/").text
    session = connect(empty)
    record = {"step_now": "cut and <b>count</b>", "written_at": datetime.now(UTC).isoformat()}
    row = {"job": "train_als", "run_id": "run-1", "started_at": datetime.now(UTC)}
    try:
        insert(session, "runs_by_job", **row, status="running", record=json.dumps(record))
        page = site.get("/")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        for said in ("Almost there", "Step 3 of 4: learning from the ratings", "cut and &lt;b&gt;count"):
            assert said in page.text
        failed = json.dumps({"error": "no memory left"})
        insert(session, "runs_by_job", **row, status="failed", record=failed)
        assert "train_als failed: no memory left." in site.get("/").text
    finally:
        session.execute("TRUNCATE runs_by_job")
        session.cluster.shutdown()


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
