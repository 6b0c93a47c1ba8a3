"""Every job, kind and status of a run has plain words."""

from __future__ import annotations

from pathlib import Path

from cql.kinds import Kind
from domain.contract.runs import Status
from web.runs.words import JOBS, KINDS, STATUSES, in_order

JOB_FILES = Path(__file__).resolve().parents[3] / "spark_jobs"


def test_each_has_words() -> None:
    assert set(JOBS) == {path.stem for path in JOB_FILES.glob("[a-z]*.py")}
    assert (set(KINDS), set(STATUSES)) == (set(Kind), set(Status))


def test_the_job_of_the_lists_comes_first_and_one_that_nobody_knows_last() -> None:
    jobs = ["another", "build_catalogue", "train_als", "publish_recommendations"]
    assert in_order(jobs) == ["publish_recommendations", "train_als", "build_catalogue", "another"]
