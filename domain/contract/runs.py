"""Whether a run that says it is running still does: its process gives a sign of life every BEAT_SECONDS."""

from __future__ import annotations

from datetime import datetime

BEAT_SECONDS = 10.0
LOST_SECONDS = 90.0  # nine beats, because one that is in compiled code misses some
RUNNING, LOST = "running", "lost"
ENDED = "job ended with exit code "  # what an application of several jobs prints after each, and the code


def state(status: str, last_sign: datetime, now: datetime) -> str:
    """`status`, or LOST for a run that is `running` but has not been heard of for LOST_SECONDS."""
    silent = (now - last_sign).total_seconds()
    return LOST if status == RUNNING and silent > LOST_SECONDS else status
