"""How runs ended, as /operate tells it: the newest that did not end well, why, and what to run again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cql.kinds import Kind
from domain.contract.lights import Light
from domain.contract.runs import Status
from web.operate.models import Look
from web.operate.store import CLEAN
from web.shown.formats import short_paths

TRAIN = "train_als"
PIPELINE = "make preprocess"
IN_PIPELINE = (CLEAN, TRAIN, Kind.RECOMMENDATIONS.job)  # jobs that PIPELINE runs again, with what follows from them
BAD = {Status.FAILED: str(Status.FAILED), Status.REFUSED: "was refused", Status.LOST: "was ended before it was done"}


def trouble(subject: str, runs: Sequence[Any]) -> Look | None:
    """What is to be said of `subject` where the newest of the runs that have ended did not end well."""
    ended = newest_ended(runs)
    if ended is None or ended.status not in BAD:
        return None
    error = first_sentence(short_paths(ended.record.get("error") or ""))
    said = f"{ended.job} {BAD[ended.status]}{f': {error}' if error else '.'}"
    at = aware(ended.finished_at or ended.started_at)
    again = command_for(ended.job)
    return Look(
        subject=subject, light=Light.ACT, sentence=said, at=at, at_is="ended", command=again, page=page_of(ended)
    )


def page_of(run: Any) -> str:
    """The page of a run's record."""
    return f"/runs/{run.job}/{run.run_id}"


def newest_ended(runs: Sequence[Any]) -> Any | None:
    """The newest run that is not at work."""
    return next((run for run in runs if run.status != Status.RUNNING), None)


def command_for(job: str, arguments: str = "") -> str:
    """What runs a job."""
    if job in IN_PIPELINE:
        return PIPELINE
    given = f' ARGS="{arguments}"' if arguments else ""
    return f"make job JOB={job}{given}"


def first_sentence(text: str) -> str:
    """The first sentence of a message, with its full stop."""
    first = re.split(r"(?<=[.!?])\s", text.strip().partition("\n")[0], maxsplit=1)[0].strip()
    return f"{first}." if first and first[-1] not in ".!?" else first


def aware(time: datetime | None) -> datetime:
    """Cassandra's driver gives times in UTC that do not say so."""
    return (time or datetime.min).replace(tzinfo=UTC)
