"""In which partition a user's answers are."""

from __future__ import annotations

from collections import Counter

from domain.contract.answers import BUCKETS, bucket_of


def test_users_are_spread_evenly_and_neighbours_apart() -> None:
    counts = Counter(map(bucket_of, range(100_000)))
    assert set(counts) == set(range(BUCKETS))
    assert max(counts.values()) < 1.2 * min(counts.values())
    assert len({bucket_of(user) for user in range(10)}) > 5


def test_every_id_has_a_bucket_that_never_changes() -> None:
    assert all(0 <= bucket_of(user) < BUCKETS for user in (-1, 0, 2**31 - 1))
    assert [bucket_of(user) for user in (0, 1, 610, 2**31 - 1)] == [41, 63, 31, 49], "rows that are stored are found"
