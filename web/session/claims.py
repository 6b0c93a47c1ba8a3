"""Tokens that were used, so that each works once, whichever process of the site is asked."""

from __future__ import annotations

from datetime import UTC, datetime

from web.app.database import database

CLAIM = ("sign_ins_by_token", "INSERT INTO sign_ins_by_token (nonce, claim, used_at) VALUES (?, ?, ?) IF NOT EXISTS")


def claimed(nonce: str, claim: str) -> bool:
    """Whether the token is `claim`'s: was it unused, or used by the same claim before?

    Raises:
        CassandraAway: nobody knows; the token may be tried again.
    """
    row = database().one(CLAIM, nonce, claim, datetime.now(UTC))
    assert row is not None  # a statement with IF answers
    return bool(row.applied) or row.claim == claim
