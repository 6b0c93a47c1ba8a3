"""The way from CSV files to a site with recommendations, and what readers see when a service dies on the way."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cluster.native.lifecycle import up
from cluster.native.process import Processes
from cluster.native.spark import alive_workers, submit
from cluster.settings import Settings
from tests.support.shared_jobs import SharedJobs
from tests.support.sites import get_json, records

pytestmark = pytest.mark.cluster
USER = 1


def get(site: Settings, path: str) -> Any:
    return get_json(site.web_address + path)


def record(site: Settings, job: str) -> dict[str, Any]:
    """The record of the job's last run."""
    return records(site.data_dir, job)[-1]


def rated_movies(movielens: Path, user_id: int) -> set[int]:
    with (movielens / "ratings.csv").open(encoding="utf-8") as lines:
        return {int(row["movieId"]) for row in csv.DictReader(lines) if row["userId"] == str(user_id)}


def test_a_user_gets_ten_movies_and_rated_none_of_them(site: Settings, movielens: Path) -> None:
    answer = get(site, f"/api/v1/users/{USER}/recommendations")
    assert answer["source"] == "als"
    ids = [item["movie_id"] for item in answer["items"]]
    assert len(ids) == len(set(ids)) == 10
    assert not set(ids) & rated_movies(movielens, USER)


def test_every_line_of_the_files_is_accounted_for(site: Settings, movielens: Path) -> None:
    counts = record(site, "preprocess_movielens")["counts"]
    for name in ("movies", "ratings", "tags", "links"):
        lines = (movielens / f"{name}.csv").read_bytes().count(b"\n") - 1
        assert counts[f"{name}.in"] == counts[f"{name}.clean"] + counts[f"{name}.rejected"] == lines


def test_the_model_ranks_better_than_most_popular_and_predicts_better_than_biases(site: Settings) -> None:
    metrics = record(site, "train_als")["metrics"]
    assert metrics["ndcg@10.als"] > metrics["ndcg@10.popular"]
    assert metrics["rmse.als"] < metrics["rmse.bias_only"]


def test_what_the_site_serves_is_what_was_measured(site: Settings, jobs: SharedJobs) -> None:
    assert jobs.submit(site, "evaluate", ["--served", site.web_address]) == 0
    served, trained = record(site, "evaluate")["metrics"], records(site.data_dir, "train_als")[0]["metrics"]
    assert abs(served["ndcg@10.served"] - trained["ndcg@10.blend"]) < 1e-6
    assert served["ndcg@10.served"] >= trained["ndcg@10.als"] > trained["ndcg@10.popular"]
    assert trained["rmse.published"] < trained["rmse.als"]


def test_reasons_are_movies_that_the_user_rated(site: Settings, movielens: Path) -> None:
    rated = rated_movies(movielens, USER)
    for item in get(site, f"/api/v1/users/{USER}/recommendations")["items"]:
        shares = [reason["share"] for reason in item["because"]]
        assert {reason["movie_id"] for reason in item["because"]} <= rated
        assert 1 <= len(shares) <= 3
        assert shares == sorted(shares, reverse=True)
        assert 0.0 < sum(shares) <= 1.0


class Job:
    """A job that runs beside the test; what it prints goes to a file."""

    def __init__(self, site: Settings, job: str, *args: str) -> None:
        self.log = site.data_dir / f"{job}-{time.time_ns()}.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cluster.native", "submit", job, *args],
            env=site.child_environ(),
            cwd=site.root,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )

    def wait_until(self, said: Callable[[str], bool]) -> None:
        deadline = time.monotonic() + 900
        while not said(self.log.read_text()):
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.1)


@pytest.mark.alone
def test_a_worker_that_dies_in_training_is_made_up_for_by_the_other(site: Settings) -> None:
    job = Job(site, "train_als", "--iterations", "5")
    job.wait_until(lambda log: "implicit ALS" in log)
    worker = Processes(site.run_dir).pid("spark-worker-1")
    assert worker is not None
    os.killpg(worker, signal.SIGKILL)  # the worker and the executor that it started
    assert job.process.wait(timeout=900) == 0, job.log.read_text()[-2000:]
    up(site, ("spark",))
    assert alive_workers(site) == site.workers


def wait_until_healed(site: Settings, page: str) -> None:
    """Return when answers were good for ten seconds: each process of the site tries to reconnect every two.

    A number of good answers would not do, as one process can give them all.
    """
    end = time.monotonic() + 120
    healed = None
    while healed is None or time.monotonic() < healed + 10:
        assert time.monotonic() < end, "the site does not heal"
        try:
            get(site, page)
            healed = healed or time.monotonic()
        except urllib.error.HTTPError as error:
            assert error.code == 503
            healed = None
        time.sleep(0.1)


@pytest.mark.alone
def test_cassandra_killed_in_the_middle_is_one_clear_error_and_nothing_is_lost(
    cluster: Settings, site: Settings, movielens: Path
) -> None:
    page = f"/api/v1/users/{USER}/recommendations"
    before = get(site, page)
    job = Job(site, "preprocess_movielens", "--force", "--movielens", str(movielens))
    job.wait_until(lambda log: "store movies_by_term" in log)
    cassandra = Processes(site.run_dir).pid("cassandra-1")
    assert cassandra is not None
    os.kill(cassandra, signal.SIGKILL)
    assert job.process.wait(timeout=900) == 1
    errors = [line for line in job.log.read_text().splitlines() if " ERROR " in line]
    assert any(re.search("Cassandra|cassandra|node", line) for line in errors), errors
    with pytest.raises(urllib.error.HTTPError) as away:
        get(site, page)
    assert away.value.code == 503
    assert away.value.headers["Retry-After"]

    up(cluster, ("cassandra",))  # `site` has a DATA_DIR of its own, and so would start an empty server
    wait_until_healed(site, page)
    assert get(site, page) == before
    assert submit(site, "preprocess_movielens", ["--movielens", str(movielens)]) == 0
    assert get(site, page) == before
