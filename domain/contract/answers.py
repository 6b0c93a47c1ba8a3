"""Answers to a published run: the ratings that came in while it was shown, in partitions of `answers_by_run`."""

from __future__ import annotations

from zlib import crc32

BUCKETS = 64  # of a run: with a million ratings a partition has some 16,000, half a megabyte


def bucket_of(user_id: int) -> int:
    """The partition of a user's answers; each has users drawn at random, whatever their ids tell."""
    return crc32(user_id.to_bytes(8, "big", signed=True)) % BUCKETS
