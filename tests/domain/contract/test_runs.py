"""A run that is silent for too long is lost; one that has ended stays what it became. Answers lie in buckets."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from domain.contract.runs import (
    ANSWER_BUCKETS,
    BEAT_SECONDS,
    LOST_SECONDS,
    answer_bucket,
    new_run_id,
    started_at,
    state,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "silent", "expected"),
    [
        ("running", BEAT_SECONDS, "running"),
        ("running", LOST_SECONDS, "running"),
        ("running", LOST_SECONDS + 1, "lost"),
        ("running", -5.0, "running"),  # the job's clock is ahead of ours
        ("done", 1e6, "done"),
        ("failed", 1e6, "failed"),
    ],
)
def test_only_a_silent_running_run_is_lost(status: str, silent: float, expected: str) -> None:
    assert state(status, NOW - timedelta(seconds=silent), NOW) == expected


def test_users_are_spread_evenly_and_neighbours_apart() -> None:
    counts = Counter(map(answer_bucket, range(100_000)))
    assert set(counts) == set(range(ANSWER_BUCKETS))
    assert max(counts.values()) < 1.2 * min(counts.values())
    assert len({answer_bucket(user) for user in range(10)}) > 5


def test_every_id_has_a_bucket_that_never_changes() -> None:
    assert all(0 <= answer_bucket(user) < ANSWER_BUCKETS for user in (-1, 0, 2**31 - 1))
    assert [answer_bucket(user) for user in (0, 1, 610, 2**31 - 1)] == [41, 63, 31, 49], "stored rows are found"


def test_a_name_tells_when_its_run_began() -> None:
    began = datetime(2026, 11, 22, 19, 3, 1, 42000, tzinfo=UTC)
    assert started_at(new_run_id(began)) == began
    assert started_at("run-1") is None
