"""A run of a job: its name, its status, the exit code of its process, whether it is still alive; answers to it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from zlib import crc32

BEAT_SECONDS = 10.0  # how often the process of a run gives a sign of life
LOST_SECONDS = 90.0  # nine beats, because a process that is in compiled code misses some
ANSWER_BUCKETS = 64  # of a run in answers_by_run: of a million ratings each has some 16,000, half a megabyte
_TIME_IN_IDS = "20261122T190301.042Z"
ENDED = "job ended with exit code "  # what an application of several jobs prints after each, and the code


class Status(StrEnum):
    """The status of a run in its record and in runs_by_job."""

    RUNNING = "running"
    DONE = "done"  # a rollback may choose it
    REFUSED = "refused"  # by the job's own gate: data or a result that is not good enough
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # a rollback has left it: it is not chosen again
    DELETED = "deleted"  # its rows are gone
    LOST = "lost"  # never stored: its process ended without a word


class ExitCode(IntEnum):
    """The exit code of a job's process."""

    DONE = 0
    FAILED = 1
    USAGE = 2  # argparse's own: wrong arguments
    REFUSED = 3  # by the job's own gate
    ALARMED = 4  # done, and its report asks for somebody to look at it; only where ALERT_EXIT is 1


def new_run_id(now: datetime | None = None) -> str:
    """A new name such as `20261122T190301.042Z-4f2a91`: sorts by start time, and two runs never share one."""
    now = (now or datetime.now(UTC)).astimezone(UTC)
    return f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"


def started_at(run_id: str) -> datetime | None:
    """When a run with this name began, UTC; None where the name does not tell, as of no run of ours."""
    try:
        return datetime.strptime(run_id[: len(_TIME_IN_IDS)], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def state(status: str, last_sign: datetime, now: datetime) -> str:
    """`status`, or LOST for a run that is RUNNING but has given no sign of life for LOST_SECONDS."""
    silent = (now - last_sign).total_seconds()
    return Status.LOST if status == Status.RUNNING and silent > LOST_SECONDS else status


def answer_bucket(user_id: int) -> int:
    """Where a user's ratings are in answers_by_run; a bucket has users drawn at random, whatever their ids tell."""
    return crc32(user_id.to_bytes(8, "big", signed=True)) % ANSWER_BUCKETS
