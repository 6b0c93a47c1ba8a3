"""What ran, and going back to the run before, on the real Cassandra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql import active
from cql.kinds import Kind
from tests.support.site_world import KEY, LISTED, NEW, OLD, WHEN
from web.runs.models import ActiveRunAnswer, RunsAnswer

pytestmark = pytest.mark.cluster
API = "/api/v1"


def test_runs_are_newest_first_with_their_records(client: FlaskClient) -> None:
    items = client.get(f"{API}/runs?job=publish_recommendations").json["items"]
    assert [item["run_id"] for item in items] == [NEW[0], OLD[0]]
    assert items[0]["record"]["metrics"]["ndcg@10.als"] == 0.25
    assert client.get(f"{API}/runs?job=nothing").json == {"generated": False, "items": []}


@pytest.mark.parametrize("key", [{}, {"X-API-Key": "another"}, {"X-API-Key": "ключ"}])
def test_a_write_without_the_right_key_is_refused(client: FlaskClient, key: dict[str, str]) -> None:
    answer = client.post(f"{API}/runs/rollback", headers=key)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert client.get(f"{API}/runs/active").json["run_id"] == OLD[0]


def test_rolling_back_shows_the_run_before(client: FlaskClient, publish: Callable[[tuple[str, str]], None]) -> None:
    publish(NEW)
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY})
    assert (answer.status_code, answer.json["run_id"], answer.json["dataset_id"]) == (200, *OLD)
    assert client.get(f"{API}/users/{LISTED}/recommendations").json["run_id"] == OLD[0]


def test_rolling_back_from_the_first_run_is_a_conflict(client: FlaskClient) -> None:
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")


def test_a_kind_is_rolled_back_by_itself(
    client: FlaskClient, session: Session, publish: Callable[[tuple[str, str]], None]
) -> None:
    job = Kind.SONGPLAYS.job
    columns = "job, run_id, status, dataset_id, started_at"
    insert = f"INSERT INTO runs_by_job ({columns}) VALUES (%s, %s, 'done', 'songs', %s)"
    for run_id in ("run-1", "run-2"):
        session.execute(insert, (job, run_id, WHEN))
    active.flip(session, job, "run-2", "songs", expected=None)
    publish(NEW)
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY}, json={"kind": "songplays"})
    assert (answer.status_code, answer.json["kind"], answer.json["run_id"]) == (200, "songplays", "run-1")
    assert client.get(f"{API}/runs/active?kind=songplays").json["job"] == job
    assert client.get(f"{API}/runs/active").json["run_id"] == NEW[0]
    again = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY}, json={"kind": "songplays"})
    assert (again.status_code, again.json["error"]["message"]) == (409, f"{job}: no run before run-1 is kept.")
    session.execute("DELETE FROM active_runs WHERE job = %s IF EXISTS", (job,))
    session.execute("DELETE FROM runs_by_job WHERE job = %s", (job,))


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"json": {"kind": "catalogue"}}, 409, "build_catalogue has published nothing yet."),
        ({"json": {"kind": "movies"}}, 422, "'recommendations', 'catalogue' or 'songplays'"),
        ({"json": {"knid": "catalogue"}}, 422, "knid"),
        ({"data": '{"kind": "catalogue"}'}, 415, "application/json"),
        ({"data": "{kind: catalogue}", "content_type": "application/json"}, 400, "could not understand"),
    ],
)
def test_a_rollback_that_is_not_understood_rolls_nothing_back(
    client: FlaskClient, publish: Callable[[tuple[str, str]], None], sent: dict[str, Any], status: int, says: str
) -> None:
    publish(NEW)
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY}, **sent)
    assert answer.status_code == status
    assert says in answer.json["error"]["message"]
    assert client.get(f"{API}/runs/active").json["run_id"] == NEW[0]


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/runs", RunsAnswer),
        ("/runs/active", ActiveRunAnswer),
    ],
)
def test_an_answer_has_the_form_that_is_documented(client: FlaskClient, path: str, model: Any) -> None:
    answer = client.get(API + path).json
    assert answer.keys() == model.model_validate(answer).model_dump().keys()
