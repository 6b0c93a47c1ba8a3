"""Progress of a run, from the record that its job writes while it runs, and whether the job is still alive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.contract.runs import Status, state
from web.runs.models import RunProgress


def with_state(run: Any) -> Any:
    """The row of runs_by_job, with the status LOST where the job has stopped giving signs of life."""
    return run._replace(status=state(run.status, _last_sign(run), datetime.now(UTC)))


def progress(run: Any) -> RunProgress:
    """How far a run that has not ended is, or was at its last sign of life."""
    now, record = datetime.now(UTC), run.record
    last_sign = _last_sign(run)
    until = now if run.status == Status.RUNNING else last_sign
    began = record.get("step_started_at")
    tasks = record.get("tasks") or {}
    steps = record.get("steps") or []
    return RunProgress(
        step=record.get("step_now"),
        step_seconds=(until - datetime.fromisoformat(began)).total_seconds() if began else None,
        steps_done=len(steps),
        rows=next((step["rows"] for step in reversed(steps) if step.get("rows") is not None), None),
        tasks_done=tasks.get("done"),
        tasks=tasks.get("of"),
        seconds=(until - _aware(run.started_at)).total_seconds(),
        silent_seconds=max(0.0, (now - last_sign).total_seconds()),
        host=record.get("host"),
        pid=record.get("pid"),
    )


def _last_sign(run: Any) -> datetime:
    written = run.record.get("written_at")
    return datetime.fromisoformat(written) if written else _aware(run.started_at)


def _aware(time: datetime | None) -> datetime:
    """Cassandra's driver gives times in UTC that do not say so."""
    return (time or datetime.min).replace(tzinfo=UTC)
