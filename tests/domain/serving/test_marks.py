"""Marks of users: renewed ones are new for all processes that share them."""

from __future__ import annotations

import os

from domain.serving.marks import MARKS, Marks


def test_a_renewed_mark_is_another_and_others_stay() -> None:
    marks = Marks()
    before = {user: marks.of(user) for user in (0, 1, 2, MARKS - 1, 2**31 - 2)}
    marks.renew([1, MARKS - 1])
    assert {user for user in before if marks.of(user) != before[user]} == {1, MARKS - 1}
    seen = {marks.of(1)}
    for _ in range(1000):
        marks.renew([1])
        seen.add(marks.of(1))
    assert len(seen) == 1001


def test_users_a_whole_table_apart_share_a_mark() -> None:
    marks = Marks()
    marks.renew([5])
    assert marks.of(5) == marks.of(5 + MARKS) != marks.of(6)


def test_a_mark_renewed_in_one_process_is_seen_in_the_other() -> None:
    marks = Marks()
    before = marks.of(7)
    if (child := os.fork()) == 0:
        marks.renew([7])
        os._exit(0)
    os.waitpid(child, 0)
    assert marks.of(7) != before
