"""Tokens that were used, so that each works once, whichever process of the site is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from web.app.database import database
from web.app.errors import CassandraAway

CLAIM = ("sign_ins_by_token", "INSERT INTO sign_ins_by_token (nonce, claim, used_at) VALUES (?, ?, ?) IF NOT EXISTS")


def claimed(nonce: str, claim: str) -> bool:
    """Whether the token is `claim`'s: was it unused, or used by the same claim before?

    Raises:
        CassandraAway: nobody knows; the token may be tried again.
    """
    try:
        row = _claim(nonce, claim)
    except CassandraAway:
        row = _claim(nonce, claim)  # tells what came of the first one, too
    return bool(row.applied) or row.claim == claim


def _claim(nonce: str, claim: str) -> Any:
    """What the table has now: `applied` if that is this claim, and was not before, else the one that came first."""
    return database().one(CLAIM, nonce, claim, datetime.now(UTC))
