"""Quality and drift as /operate tells them: the newest report, and whether it is of the data that are stored now."""

from __future__ import annotations

from typing import Any

from domain.contract.lights import UNKNOWN, Light
from domain.contract.runs import started_at
from web.operate.endings import PIPELINE, aware, command_for, newest_ended, trouble
from web.operate.models import Look
from web.operate.store import Seen
from web.shown.formats import moment

QUALITY, DRIFT = "report_quality", "report_drift"
LOOKED = "looked at"
LEARNED = "Recent ratings differ from earlier ones; the published model has learned from them already."


def quality(seen: Seen) -> Look:
    """The newest report on the cleaned data; with errors in it the data are to be looked at."""
    return _reported(seen, "quality", QUALITY)


def drift(seen: Seen) -> Look:
    """The newest report on drift; what the published model has learned already asks for nothing."""
    look, row = _reported(seen, "drift", DRIFT), seen.reports.get("drift")
    if row is None or look.at_is != LOOKED or look.command or not row.report.get("retrain"):
        return look
    if seen.active and seen.active.dataset_id == row.dataset_id:
        return look.model_copy(update={"light": str(Light.GOOD), "sentence": LEARNED})
    return look.model_copy(update={"command": PIPELINE})


def _reported(seen: Seen, subject: str, job: str) -> Look:
    """The look at a report, or why there is none; a refused run has a report that says why."""
    row, page = seen.reports.get(subject), f"/{subject}"
    ended = newest_ended(seen.of(job))
    is_refusal = row is not None and ended is not None and ended.run_id == row.run_id
    if (failed := trouble(subject, seen.of(job))) and not is_refusal:
        return failed
    if row is None:
        return not_looked_at(seen, subject, command_for(job), page)
    return checked(
        seen, row, look_at(subject, row, _sentence(row.report) + seen.whose(row.dataset_id), page), command_for(job)
    )


def not_looked_at(seen: Seen, subject: str, command: str, page: str) -> Look:
    """The look where there is no report; without any data the pipeline comes first."""
    first = command if seen.cleaned else PIPELINE
    return Look(subject=subject, light=UNKNOWN, sentence="Nobody has looked yet.", command=first, page=page)


def look_at(subject: str, row: Any, sentence: str, page: str) -> Look:
    """The look at a report, a row of reports_by_subject."""
    return Look(
        subject=subject,
        light=row.verdict,
        sentence=sentence,
        at=started_at(row.run_id),
        at_is=LOOKED,
        page=page,
        generated=bool(row.report.get("generated")),
    )


def checked(seen: Seen, row: Any, look: Look, command: str) -> Look:
    """The look, to be watched where its report is of other data than those that are stored now."""
    stored = seen.cleaned
    if row.dataset_id is None or stored is None or row.dataset_id == stored.dataset_id:
        return look
    said = f"Not looked at since the data of {moment(aware(stored.started_at))} were stored."
    return look.model_copy(update={"light": str(Light.WATCH), "sentence": said, "command": command})


def _sentence(report: dict[str, Any]) -> str:
    if "retrain" in report:
        return f"Train again: {'yes' if report['retrain'] else 'no'}, because {report.get('because', '')}."
    return f"{report.get('sentence', '')}."
