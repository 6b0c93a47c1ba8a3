"""The loop on the real cluster: people rate, their lists answer from any process, the next training learns it."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import pyarrow.parquet as pq
import pytest

from cluster.fetch.source import DataSource
from cluster.settings import Settings
from cluster.steps import learning
from tests.support.shared_jobs import SharedJobs
from tests.support.sites import get_json, records

pytestmark = pytest.mark.cluster
USER, NEWCOMER = 2, 123_456_789
PATIENCE_SECONDS = 60
ASKED = 12  # times, which two processes share


def send(site: Settings, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{site.web_address}/api/v1{path}",
        json.dumps(body).encode() if body else None,
        {"X-API-Key": "test-key", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def recommended(site: Settings, user: int) -> dict[str, Any]:
    return dict(get_json(f"{site.web_address}/api/v1/users/{user}/recommendations"))


def ids(answer: dict[str, Any]) -> list[int]:
    return [item["movie_id"] for item in answer["items"]]


def answers(site: Settings, user: int, source: str) -> list[dict[str, Any]]:
    """What several calls are answered, once all are from that source: the site's processes load the model by and by."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = [recommended(site, user) for _ in range(ASKED)]
        if {answer["source"] for answer in found} == {source}:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(1.0)


@pytest.mark.alone  # as it publishes another data set, which other tests of the site do not expect
def test_ratings_are_answered_at_once_and_learned_by_the_next_training(
    site: Settings, jobs: SharedJobs, movielens: Any
) -> None:
    before = recommended(site, USER)
    liked, newcomers_choice = ids(before)[0], ids(before)[1]
    send(site, "POST", f"/users/{USER}/ratings", {"movie_id": liked, "rating": 5})
    send(site, "POST", f"/users/{NEWCOMER}/ratings", {"movie_id": newcomers_choice, "rating": 4.5})
    try:
        for user, movie in ((USER, liked), (NEWCOMER, newcomers_choice)):
            found = answers(site, user, "fold_in")
            assert all(each == found[0] for each in found), "both processes make the same list"
            assert movie not in ids(found[0])
            assert movie in {reason["movie_id"] for item in found[0]["items"] for reason in item["because"]}
        assert ids(recommended(site, USER)) != ids(before)

        for step in learning(DataSource("movielens", movielens, generated=False)):
            assert jobs.submit(site, step.name, step.flags) == 0
        learned = pq.read_table(site.data_dir / "clean" / "ratings", columns=["user_id", "movie_id", "rating"])
        triples = set(zip(*(learned[name].to_pylist() for name in learned.column_names), strict=True))
        assert {(USER, liked, 5.0), (NEWCOMER, newcomers_choice, 4.5)} <= triples
        counts = records(site.data_dir, "preprocess_movielens")[-1]["counts"]
        assert counts["ratings.added"] >= 2  # in browsers people have rated on this site, too
        assert counts["interactions.rejected"] == 0
        for user, movie in ((USER, liked), (NEWCOMER, newcomers_choice)):
            found = answers(site, user, "als")
            assert len({each["run_id"] for each in found}) == 1
            assert found[0]["run_id"] != before["run_id"]
            assert movie not in ids(found[0])
    finally:
        send(site, "DELETE", f"/users/{USER}/ratings/{liked}")
        send(site, "DELETE", f"/users/{NEWCOMER}/ratings/{newcomers_choice}")
