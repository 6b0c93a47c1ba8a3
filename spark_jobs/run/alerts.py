"""Alerts: a report whose verdict asks for a look and a job that failed, told to the log, a webhook and the exit code.

The log has the sentence already, from the job's own summary or error: here it is told which subject it is about. The
webhook is told of a subject once; again when its verdict changes, after ALERT_REPEAT_HOURS, and when it is over.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from domain.contract.files import write_json
from domain.contract.lights import Light
from domain.contract.runs import Status
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Finding, Run

log = logging.getLogger(__name__)

MODES = ("send", "dry-run", "off")
SECONDS = 5.0  # to connect, and then to answer
# waits 0.5, 1, 2 and 4 s between five tries; a server's own Retry-After might hold the job for hours
RETRY = Retry(
    total=4,
    backoff_factor=0.5,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,
    respect_retry_after_header=False,
    raise_on_status=False,
)
LEVELS = {Light.ACT: (Light.ACT,), Light.WATCH: (Light.WATCH, Light.ACT)}
BROKEN = (Status.FAILED, Status.REFUSED)
OVER = "over"


@dataclass(frozen=True)
class Settings:
    """What the environment asks for; without a webhook alerts are in the log only."""

    webhook: str | None = None
    levels: tuple[Light, ...] = LEVELS[Light.ACT]
    repeat: timedelta = timedelta(hours=24)
    exits: bool = False  # whether an alarming report has an exit code of its own

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """ALERT_WEBHOOK, ALERT_ON, ALERT_REPEAT_HOURS and ALERT_EXIT (see .env.example).

        Raises:
            JobError: a variable holds something else than is allowed; the message names it, but tells no secret.
        """
        webhook = environ.get("ALERT_WEBHOOK") or None
        if webhook and (urlsplit(webhook).scheme not in ("http", "https") or not urlsplit(webhook).hostname):
            raise JobError("ALERT_WEBHOOK is no address that begins with http:// or https://.")
        level = environ.get("ALERT_ON") or Light.ACT
        if level not in LEVELS:
            raise JobError(f"ALERT_ON={level!r} is not allowed: give act, or watch for both watch and act.")
        hours = environ.get("ALERT_REPEAT_HOURS") or "24"
        if not hours.isdecimal():
            raise JobError(f"ALERT_REPEAT_HOURS={hours!r} is not a whole number of hours.")
        exits = environ.get("ALERT_EXIT") or "0"
        if exits not in ("0", "1"):
            raise JobError(f"ALERT_EXIT={exits!r} is not allowed: give 1 or 0.")
        return cls(webhook, LEVELS[Light(level)], timedelta(hours=int(hours)), exits == "1")


@dataclass(frozen=True)
class Alert:
    """What a webhook gets as JSON; `text` is for those that show one line, as chat programs do."""

    subject: str
    verdict: str
    sentence: str
    job: str
    run_id: str
    dataset_id: str | None
    host: str
    at: str
    text: str


@dataclass(frozen=True)
class Told:
    """The verdict on a subject that the webhook was told last, and when (UTC)."""

    verdict: str
    at: datetime


def add_flag(parser: argparse.ArgumentParser) -> None:
    """`--alerts` of every job."""
    text = "to ALERT_WEBHOOK: send (default), dry-run: print what would be sent, or off"
    parser.add_argument("--alerts", choices=MODES, default="send", help=text)


def tell(run: Run, settings: Settings, mode: str) -> bool:
    """Log and send what the run gives reason for; returns whether one of its reports is alarming. Never raises."""
    alarming = [found for found in run.findings if found.verdict in settings.levels]
    if mode != "off":
        for found in _findings(run):
            try:
                _tell(run, found, settings, dry=mode == "dry-run")
            except OSError as error:  # the disk, for requests' own errors are dealt with
                log.error("The alert on %s is not remembered: %s", found.subject, error)
    return bool(alarming)


def _findings(run: Run) -> Iterator[Finding]:
    yield from run.findings
    yield Finding(f"job.{run.job}", run.status, run.error or run.status)


def _tell(run: Run, found: Finding, settings: Settings, dry: bool) -> None:
    is_wanted = found.verdict in (*settings.levels, *BROKEN)
    made = alert(run, found, found.verdict if is_wanted else OVER)
    if is_wanted and found.verdict not in BROKEN:
        log.warning("ALERT %s: %s (%s, run %s on %s)", *(made.subject, made.verdict, made.job, made.run_id, made.host))
    if settings.webhook is None and not dry:
        return
    path = run.paths.alert(found.subject)
    known = _told(path)
    if not is_wanted:
        if known and _sent(made, settings, dry):
            path.unlink()
        return
    age = datetime.now(UTC) - known.at if known else settings.repeat
    if known and known.verdict == found.verdict and age < settings.repeat:
        log.info("The webhook was told of it %s ago.", str(age).split(".")[0])
    elif _sent(made, settings, dry):
        write_json(path, {"verdict": made.verdict, "sent_at": made.at})


def _told(path: Path) -> Told | None:
    """What the webhook was told last; a file that does not say so goes, and counts as nothing."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return Told(known["verdict"], datetime.fromisoformat(known["sent_at"]).astimezone(UTC))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        log.warning("%s was broken: the webhook is told as if for the first time.", path)
        path.unlink()
        return None


def alert(run: Run, found: Finding, verdict: str) -> Alert:
    """The alert on one subject of a run."""
    host, sentence = socket.gethostname(), found.sentence
    text = f"{found.subject}: {verdict}, {sentence} ({run.job}, run {run.run_id} on {host})"
    at = datetime.now(UTC).isoformat()
    return Alert(found.subject, verdict, sentence, run.job, run.run_id, run.dataset_id, host, at, text)


def _sent(made: Alert, settings: Settings, dry: bool) -> bool:
    """Whether the webhook took it."""
    if dry:
        log.info("Dry run, nothing is sent: %s", json.dumps(asdict(made), ensure_ascii=False))
        return False
    if settings.webhook is None:
        return False
    address = urlsplit(settings.webhook).hostname  # the path of a webhook is often its password
    try:
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=RETRY))
            session.mount("https://", HTTPAdapter(max_retries=RETRY))
            answer = session.post(settings.webhook, json=asdict(made), timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        log.error("The webhook at %s does not answer (%s): the next run tries again.", address, type(error).__name__)
        return False
    if not 200 <= answer.status_code < 300:
        log.error("The webhook at %s answers %d: the next run tries again.", address, answer.status_code)
        return False
    log.info("The webhook at %s was told of %s: %s.", address, made.subject, made.verdict)
    return True
