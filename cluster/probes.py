"""Look from outside: whether a page answers, what a service logged last, how a job's last run ended."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

# our services are on this machine, where no proxy would reach them
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SECONDS = 5.0


def got(url: str) -> bytes:
    """What a service of ours answers to a GET, whatever proxy the environment names.

    Raises:
        OSError: it does not answer, or not with 2xx.
        ValueError: what answers does not speak HTTP.
    """
    try:
        with _DIRECTLY.open(url, timeout=SECONDS) as answer:
            return bytes(answer.read())
    except HTTPException as error:
        raise ValueError(str(error)) from error


def answers(url: str) -> bool:
    """Whether a GET of the address is answered with 2xx."""
    try:
        got(url)
    except (OSError, ValueError):
        return False
    return True


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, indented, for an error message."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (nothing was logged)"


def last_record(data_dir: Path, job: str, status: str | None = None) -> dict[str, Any]:
    """The record of the job's last run, or of its last with that status; empty where there is none."""
    for path in sorted((data_dir / "runs").glob("*.json"), reverse=True):  # ids begin with the time
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["job"] == job and status in (None, record["status"]):
            return record
    return {}
