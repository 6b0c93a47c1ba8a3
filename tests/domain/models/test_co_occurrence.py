"""Lifts of items that share sessions, beside a count by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from domain.models.co_occurrence import Occurrences, companions

ITEMS = 7
SESSIONS = st.lists(st.sets(st.integers(0, ITEMS - 1), min_size=1), min_size=1, max_size=30)
Lists = dict[int, list[tuple[int, float, int]]]


def by_hand(sessions: list[set[int]], least: int, n: int) -> Lists:
    alone = Counter(item for session in sessions for item in session)
    both = Counter(pair for session in sessions for pair in permutations(session, 2))
    found: Lists = {}
    for (one, other), count in both.items():
        if count >= least:
            found.setdefault(one, []).append((other, count * len(sessions) / (alone[one] * alone[other]), count))
    return {one: sorted(others, key=lambda it: (-it[1], -it[2], it[0]))[:n] for one, others in found.items()}


def found_in(sessions: list[set[int]], bounds: list[int], least: int, n: int) -> Lists:
    """By blocks of items, each with the sessions that have one of them only."""
    of_items = np.bincount([item for session in sessions for item in session], minlength=ITEMS)
    lists: Lists = {}
    for start, stop in pairwise(bounds):
        some = [session for session in sessions if any(start <= item < stop for item in session)]
        rows = [row for row, session in enumerate(some) for _ in session]
        columns = [item for session in some for item in session]
        occurs = csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(some), ITEMS))
        for one in companions(occurs, range(start, stop), Occurrences(len(sessions), of_items), least, n):
            others = zip(one.others.tolist(), one.lifts.tolist(), one.sessions.tolist(), strict=True)
            lists[one.item] = list(others)
    return lists


@given(SESSIONS, st.integers(1, 3), st.integers(1, ITEMS), st.sets(st.integers(1, ITEMS - 1), max_size=3))
def test_lists_are_those_of_a_count_by_hand_however_items_are_cut(
    sessions: list[set[int]], least: int, n: int, cuts: set[int]
) -> None:
    assert found_in(sessions, [0, *sorted(cuts), ITEMS], least, n) == by_hand(sessions, least, n)


def test_independent_items_have_a_lift_of_one() -> None:
    sessions = [{0, 1}, {0, 2}, {1, 3}, {2, 3}]
    assert found_in(sessions, [0, ITEMS], 1, 1)[0] == [(1, pytest.approx(1.0), 1)]
