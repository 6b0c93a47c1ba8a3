"""The lab on the real cluster: reports in Cassandra, scores in the profile, and a job seen at /runs while it works."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cassandra.cluster import Session

from cluster.fetch.source import DataSource
from cluster.settings import Settings
from cluster.steps import plan
from cql.connect import Contact, connect
from tests.support.shared_jobs import SharedJobs
from tests.support.sites import get_json, records

pytestmark = pytest.mark.cluster


def get(site: Settings, path: str) -> dict[str, Any]:
    return dict(get_json(f"{site.web_address}/api/v1{path}"))


@pytest.fixture(scope="module")
def session(site: Settings) -> Iterator[Session]:
    session = connect(Contact.from_env(site.child_environ()))
    yield session
    session.cluster.shutdown()


@pytest.fixture(scope="module")
def seen(site: Settings, jobs: SharedJobs) -> list[dict[str, Any]]:
    """What /runs said of detect_anomalous_users while it ran, and at its end."""
    codes: list[int] = []
    job = threading.Thread(target=lambda: codes.append(jobs.submit(site, "detect_anomalous_users")))
    job.start()
    found = []
    while job.is_alive():
        found += get(site, "/runs?job=detect_anomalous_users")["items"]
        time.sleep(0.1)
    job.join()
    assert codes == [0]
    return [*found, *get(site, "/runs?job=detect_anomalous_users")["items"]]


def test_a_job_shows_its_steps_while_it_runs_and_is_done_then(seen: list[dict[str, Any]]) -> None:
    running = [run for run in seen if run["status"] == "running"]
    assert {run["progress"]["step"] for run in running} >= {"look for fake profiles", "Isolation Forest"}
    assert running[-1]["progress"]["steps_done"] >= 2
    assert running[-1]["progress"]["host"]
    assert (seen[-1]["status"], seen[-1]["progress"]) == ("done", None)


def test_every_user_of_the_data_set_has_scores_in_the_profile(
    site: Settings, session: Session, seen: list[dict[str, Any]]
) -> None:
    stored = session.execute("SELECT user_id, run_id, unusual FROM anomalies_by_user").all()
    assert len(stored) == session.execute("SELECT count(*) FROM users_by_id").one()[0]
    assert {row.run_id for row in stored} == {seen[-1]["run_id"]}
    user = next(row.user_id for row in stored if row.unusual)
    found = get(site, f"/users/{user}/profile")["anomalies"]
    assert found["unusual"] is True
    assert found["reasons"]
    listed = session.execute("SELECT subject, verdict FROM reports_by_subject").all()
    assert {row.subject for row in listed} >= {"outliers.fake-profiles", "outliers.unusual-users"}


def test_the_report_on_drift_is_served(site: Settings, jobs: SharedJobs) -> None:
    assert jobs.submit(site, "report_drift", ["--recent-share", "0.5"]) == 0
    answer = get(site, "/reports/drift")
    assert answer["verdict"] in ("good", "watch", "act")
    assert {one["feature"] for one in answer["report"]["features"]} >= {"rating", "genre", "volume"}
    assert (answer["verdict"] == "act") == answer["report"]["retrain"]
    active = get(site, "/runs/active")
    found = records(site.data_dir, "report_drift")[-1]["facts"]["drift"]["published"]
    assert found == {"run_id": active["run_id"], "dataset_id": active["dataset_id"]}


def test_the_other_reports_that_follow_the_site_are_made(site: Settings, jobs: SharedJobs) -> None:
    source = DataSource("mine", site.data_dir / "raw" / "mine", generated=False)
    tested_above = ("detect_anomalous_users", "report_drift")
    steps = [step for step in plan(site, source, True) if step.after_site and step.name not in tested_above]
    assert [jobs.submit(site, step.name, step.flags) for step in steps if step.needed] == [0, 0, 0, 0]
    reports = {subject: get(site, f"/outliers/{subject}") for subject in ("users", "movies", "servers")}
    assert {name: bool(answer["items"]) for name, answer in reports.items()} == dict.fromkeys(reports, True)
    assert reports["servers"]["report"]["searches"]["exact"]["f1"] > 0.5
    assert reports["servers"]["generated"] is True, "nobody has measured them"


def test_a_report_on_quality_that_cassandra_has_lost_is_made_again(
    site: Settings, jobs: SharedJobs, session: Session
) -> None:
    assert jobs.submit(site, "report_quality") == 0
    assert records(site.data_dir, "report_quality")[-1]["facts"].get("unchanged")
    session.execute("DELETE FROM reports_by_subject WHERE subject = 'quality'")
    assert jobs.submit(site, "report_quality") == 0
    assert get(site, "/reports/quality")["run_id"] == records(site.data_dir, "report_quality")[-1]["run_id"]


def test_jobs_that_store_no_tables_have_a_row_too(site: Settings) -> None:
    assert get(site, "/runs?job=train_als")["items"][0]["status"] == "done"
