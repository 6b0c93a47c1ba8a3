"""Outliers as /operate tells them: the reports on all subjects in one light, each of them a part."""

from __future__ import annotations

from typing import Any

from domain.contract.lights import gravity
from web.operate.endings import command_for, trouble
from web.operate.models import Look, Part
from web.operate.reported import checked, look_at, not_looked_at
from web.operate.store import Seen

OUTLIERS, USERS = "detect_outliers", "detect_anomalous_users"
FAKE = "fake-profiles"
BY_USERS = {FAKE: "fake profiles", "unusual-users": "unusual users"}  # the subjects of USERS
EXPECTED = ("users", "movies", "servers", *BY_USERS)  # those that `make preprocess` looks at


def outliers(seen: Seen) -> Look:
    """The gravest look at any subject, and all of them as parts."""
    found = {name.partition(".")[2]: row for name, row in seen.reports.items() if name.startswith("outliers.")}
    looks = {name: _look(seen, name, found.get(name)) for name in dict.fromkeys([*EXPECTED, *found])}
    name, gravest = max(looks.items(), key=lambda each: gravity(each[1].light))
    said = f"{BY_USERS.get(name, name)}: {gravest.sentence}" if found else gravest.sentence
    whose = seen.whose(found[name].dataset_id) if name in found else ""
    times = [look.at for look in looks.values() if look.at]
    parts = [
        Part(name=BY_USERS.get(name, name), light=look.light, sentence=look.sentence, page=look.page)
        for name, look in looks.items()
    ]
    newest = {"at": max(times), "at_is": "looked at"} if times else {}
    about = {"sentence": said[:1].upper() + said[1:] + whose, "parts": parts if found else [], "page": "/outliers"}
    made_up = any(look.generated for look in looks.values())
    return gravest.model_copy(update={**about, **newest, "generated": made_up})


def _look(seen: Seen, subject: str, row: Any | None) -> Look:
    job = USERS if subject in BY_USERS else OUTLIERS
    command = command_for(job, "" if job == USERS else f"--subject {subject}")
    runs = [run for run in seen.of(job) if job == USERS or _subject(run) == subject]
    if failed := trouble("outliers", runs):
        return failed.model_copy(update={"command": command})
    if row is None:
        return not_looked_at(seen, "outliers", command, "/outliers")
    look = look_at("outliers", row, _sentence(row.report, subject), f"/outliers?subject={subject}")
    return checked(seen, row, look, command)


def _subject(run: Any) -> str:
    given = run.record.get("parameters", {})
    return str(given.get("subject") or ("table" if given.get("input") else "servers"))


def _sentence(report: dict[str, Any], subject: str) -> str:
    found, rows = report.get("outliers", 0), report.get("rows", 0)
    if subject == FAKE:
        return f"{found:,} of {rows:,} look made up; none should."
    share = _marked(report)
    expected = f"; about {share * rows:,.0f} always are, as the limit marks {share:.0%} of any rows" if share else ""
    return f"{found:,} of {rows:,} are unlike the others{expected}."


def _marked(report: dict[str, Any]) -> float:
    """The share of rows that a report marks whatever they are like; 0 where its limit came from labelled rows."""
    by = str(report.get("epsilon_by", ""))
    return float(report.get("contamination") or (by.partition(" ")[2] if by.startswith("contamination ") else 0))
