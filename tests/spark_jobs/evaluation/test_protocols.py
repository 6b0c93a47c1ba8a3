"""Settings that were tuned by another hold-out than the one they are measured by are told."""

from __future__ import annotations

from spark_jobs.evaluation.protocols import differences

HERE = {
    **{"data": "ml-latest-small", "protocol": "random-by-user", "test_share": 0.25, "folds": 5},
    **{"user_share": 0.1, "keep_from": None, "seed": 42},
}


def test_what_was_held_out_otherwise_is_named_with_both_values() -> None:
    told = differences({**HERE, "protocol": "random-by-item", "seed": 1}, HERE)
    assert told == ["protocol random-by-item, not random-by-user", "seed 1, not 42"]


def test_the_same_hold_out_has_no_differences_and_what_is_not_said_makes_none() -> None:
    assert differences(HERE, HERE) == differences({"data": "ml-latest-small", "k": 20}, HERE) == []
