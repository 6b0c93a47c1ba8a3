"""Tokens to sign in: genuine, forged, altered, late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.contract.sign_in import LIFETIME, Forged, TooLate, checked, derived, make_token

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_token_is_good_for_its_lifetime_and_no_longer() -> None:
    token = make_token("key", NOW)
    assert checked("key", token, NOW) == checked("key", token, NOW + LIFETIME - timedelta(seconds=1))
    with pytest.raises(TooLate):
        checked("key", token, NOW + LIFETIME)


def test_no_two_tokens_have_the_same_nonce() -> None:
    assert len({checked("key", make_token("key", NOW), NOW) for _ in range(100)}) == 100


def altered() -> list[str]:
    """A genuine token with one part changed, and texts that are none."""
    expiry, nonce, signature = make_token("key", NOW).split(".")
    later = str(int(expiry) + 3600)
    wrong = [f"{later}.{nonce}.{signature}", f"{expiry}.{nonce}x.{signature}", f"{expiry}.{nonce}.{signature[:-1]}"]
    return [*wrong, f"{expiry}.{nonce}", "", ".", "..", "é.ü.ö", "1" * 10_000]


def test_what_was_not_made_with_the_key_is_forged() -> None:
    for token in (*altered(), make_token("another key", NOW)):
        with pytest.raises(Forged):
            checked("key", token, NOW)


def test_each_use_of_the_key_has_a_key_of_its_own() -> None:
    assert len({derived("key", "session"), derived("key", "sign-in"), derived("other", "session")}) == 3
