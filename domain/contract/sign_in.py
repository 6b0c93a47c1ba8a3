"""One-time tokens to sign in: the command line that starts the site makes one, and the site checks it.

A token is `expiry.nonce.signature`, signed with the site's API_KEY. That it works once only is the site's to remember,
by the nonce.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime, timedelta

PATH = "/sign-in"  # of the site
LIFETIME = timedelta(hours=1)  # of a token
_NONCE_BYTES = 16


class Forged(ValueError):
    """No token at all, or one that was signed with another key."""


class TooLate(ValueError):
    """A token of ours that has expired."""


def derived(key: str, label: str) -> bytes:
    """A key of its own for each use of the site's key, so that what one use signs means nothing to another."""
    return hmac.digest(key.encode(), label.encode(), "sha256")


def make_token(key: str, now: datetime | None = None) -> str:
    """A token that is good for `LIFETIME` from `now`, which is in UTC."""
    expiry = int(((now or datetime.now(UTC)) + LIFETIME).timestamp())
    said = f"{expiry}.{secrets.token_urlsafe(_NONCE_BYTES)}"
    return f"{said}.{_signature(key, said)}"


def checked(key: str, token: str, now: datetime | None = None) -> str:
    """The nonce of a token that is genuine and not too old at `now`.

    Raises:
        Forged: it was not made with this key.
        TooLate: it has expired.
    """
    said, _, signature = token.rpartition(".")
    expiry, _, nonce = said.partition(".")
    if not hmac.compare_digest(_signature(key, said).encode(), signature.encode()):
        raise Forged("This token was not made with the key of this site.")
    if (now or datetime.now(UTC)).timestamp() >= int(expiry):
        raise TooLate("This token has expired.")
    return nonce


def _signature(key: str, said: str) -> str:
    signed = hmac.digest(derived(key, "sign-in"), said.encode(), "sha256")
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")
