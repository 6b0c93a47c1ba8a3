"""Tokens that were used, so that each works once, whichever process of the site is asked."""

from __future__ import annotations

from datetime import UTC, datetime

from web.app.database import database
from web.app.errors import CassandraAway

CLAIM = ("sign_ins_by_token", "INSERT INTO sign_ins_by_token (nonce, claim, used_at) VALUES (?, ?, ?) IF NOT EXISTS")


ATTEMPTS = 2  # the second one learns what came of a first that was not answered in time


def claimed(nonce: str, claim: str) -> bool:
    """Whether the token is `claim`'s: was it unused, or used by the same claim before?

    Raises:
        CassandraAway: nobody knows; the token may be tried again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            row = database().one(CLAIM, nonce, claim, datetime.now(UTC))
        except CassandraAway:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    assert row is not None  # a statement with IF answers
    return bool(row.applied) or row.claim == claim
