"""Answers that are kept: given again while nothing changed that they tell of, and no longer."""

from __future__ import annotations

import pytest

from web.app import kept
from web.app.kept import KeptAnswers


def test_an_answer_is_given_again_under_its_key_and_mark_alone() -> None:
    answers = KeptAnswers()
    answers.put(("run-1", 7, 10), b"list", b"mark")
    assert answers.get(("run-1", 7, 10), b"mark") == b"list"
    assert answers.get(("run-1", 7, 10), b"other mark") is None
    assert answers.get(("run-2", 7, 10), b"mark") is None
    assert answers.get(("run-1", 7, 20), b"mark") is None


def test_an_answer_is_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, now = KeptAnswers(), 1000.0
    monkeypatch.setattr(kept.time, "monotonic", lambda: now)
    answers.put(("run",), b"answer")
    now += kept.KEPT_SECONDS - 1
    assert answers.get(("run",)) == b"answer"
    now += 2
    assert answers.get(("run",)) is None


def test_with_too_many_bytes_the_answers_asked_for_long_ago_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 100)
    answers = KeptAnswers()
    for each in range(10):
        answers.put((each,), bytes(30))
    assert [each for each in range(10) if answers.get((each,))] == [7, 8, 9]
    answers.put(("large",), bytes(101))
    assert answers.get(("large",)) is None and answers.get((9,))
