"""Marks of users, by which processes of the site see that one of them has stored something of a user."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable

MARKS, MARK_BYTES = 65_536, 8  # users share marks: one who rates makes the site read the lists of some others again


class Marks:
    """A mark for each user, in memory that processes forked from this one share."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, MARKS * MARK_BYTES)

    def of(self, user_id: int) -> bytes:
        """The user's mark."""
        start = user_id % MARKS * MARK_BYTES
        return self._memory[start : start + MARK_BYTES]

    def renew(self, user_ids: Iterable[int]) -> None:
        """Give these users marks that they never had. Not by counting: two processes could count to the same."""
        for user_id in user_ids:
            start = user_id % MARKS * MARK_BYTES
            self._memory[start : start + MARK_BYTES] = os.urandom(MARK_BYTES)
