"""The page of runs, read from the real Cassandra."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from tests.support.site_world import OLD, store_unfinished
from web.shown.formats import moment

pytestmark = pytest.mark.cluster


def test_the_runs_page_begins_with_what_readers_see_and_since_when(client: FlaskClient) -> None:
    page = client.get("/runs").text
    since = moment(active_since(client))
    assert f"Shown since <b>{since}</b>" in page
    assert f"Lists shown since {since}</a>" in client.get("/").text, "the time at the foot of pages is the same"
    assert f"Run {OLD[0]}, data set {OLD[1]}" in page
    assert page.index("A run is one execution of a job") < page.index("What readers see")
    assert page.count('class="status active" title') == 1


def active_since(client: FlaskClient) -> datetime:
    return datetime.fromisoformat(client.get("/api/v1/runs/active").json["published_at"])


def test_the_job_of_the_lists_comes_first_and_words_are_explained(client: FlaskClient) -> None:
    page = client.get("/runs").text
    jobs = re.findall(r'<h2 id="(\w+)">([^<]+) <span class="tech">(\w+)</span>', page)
    assert jobs[0] == ("publish_recommendations", "Publish the lists", "publish_recommendations")
    assert jobs[1][0] == "train_als"
    legend = page[page.index('id="legend"') : page.index("</dl>")]
    assert "ended without a word" in legend and "what readers see now" in legend
    assert 'title="its process ended without a word' in page


def test_a_run_shows_how_well_lists_and_stars_are_beside_those_of_simpler_models(client: FlaskClient) -> None:
    page = client.get("/runs").text
    row = page[page.index(f'id="run-{OLD[0]}"') :]
    shown = re.findall(r"<span>(\S+) <b>([\d.]+)</b></span>", row[: row.index("</tr>")])
    lists = [("ndcg@10.blend", "0.375"), ("ndcg@10.als", "0.25"), ("ndcg@10.popular", "0.125")]
    assert shown == [*lists, ("rmse.published", "0.75"), ("rmse.als", "0.8"), ("rmse.bias_only", "0.875")]


def test_a_run_under_way_shows_its_step_and_one_whose_process_is_gone_is_lost(
    client: FlaskClient, session: Session
) -> None:
    store_unfinished(session)  # again, as «now» may be minutes ago
    running, lost = client.get("/api/v1/runs?job=train_als").json["items"]
    assert (running["status"], lost["status"]) == ("running", "lost")
    at = running["progress"]
    assert (at["steps_done"], at["rows"], at["tasks_done"], at["tasks"]) == (1, 1234567, 3, 8)
    assert 305 <= at["seconds"] < 600
    assert 300 <= lost["progress"]["seconds"] < 301, "it took until its last sign of life"
    page = client.get("/runs").text
    for said in ("for 5 min", "1,234,567 rows in the previous step", "3 of 8 tasks", "spark-master, process 77"):
        assert said in page
    assert "The process is gone (spark-master, process 77). Last sign of life: 1 h 0 min ago" in page
    assert "<script>alert(7)" not in page
    assert client.get("/api/v1/runs?job=publish_recommendations").json["items"][0]["progress"] is None


def test_a_run_leads_to_its_whole_record(client: FlaskClient) -> None:
    address = f"/runs/publish_recommendations/{OLD[0]}"
    assert f'href="{address}"' in client.get("/runs").text
    record = client.get(address).text
    assert '"ndcg@10.als": 0.25' in record
    assert record.index("Measured") < record.index("<details") < record.index("<pre"), "JSON is not the first thing"
    assert client.get("/runs/publish_recommendations/none").status_code == 404
    assert client.get(f"/runs/none/{OLD[0]}").status_code == 404
