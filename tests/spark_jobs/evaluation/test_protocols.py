"""Settings that were tuned by another hold-out than the one they are measured by are told; thresholds fit the scale."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.contract.movielens import SCALE, Scale
from spark_jobs.evaluation.protocols import differences, on_scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

HERE = {
    **{"data": "ml-latest-small", "protocol": "random-by-user", "test_share": 0.25, "folds": 5},
    **{"user_share": 0.1, "keep_from": None, "seed": 42},
}


def test_what_was_held_out_otherwise_is_named_with_both_values() -> None:
    told = differences({**HERE, "protocol": "random-by-item", "seed": 1}, HERE)
    assert told == ["protocol random-by-item, not random-by-user", "seed 1, not 42"]


def test_the_same_hold_out_has_no_differences_and_what_is_not_said_makes_none() -> None:
    assert differences(HERE, HERE) == differences({"data": "ml-latest-small", "k": 20}, HERE) == []


def test_thresholds_are_those_of_the_scale_and_on_it(tmp_path: Path) -> None:
    run, flags = Run("evaluate", Paths(tmp_path), {}), {"scale": None, "relevant_from": None, "keep_from": None}
    assert on_scale(run, tmp_path, flags) == {**flags, "scale": SCALE, "relevant_from": 4.0}
    ten = Scale.parse("0,10")
    assert on_scale(run, tmp_path, {**flags, "scale": ten})["relevant_from"] == 8.0
    assert on_scale(run, tmp_path, {**flags, "scale": ten, "keep_from": 9.0})["keep_from"] == 9.0
    with pytest.raises(JobError, match=r"--keep-from 9 is not on the scale, from 0\.5 to 5 stars"):
        on_scale(run, tmp_path, {**flags, "keep_from": 9.0})
