"""A run that is silent for too long is lost; one that has ended stays what it became."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.contract.runs import BEAT_SECONDS, LOST_SECONDS, state

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
