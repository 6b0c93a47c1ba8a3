"""No reason for which a line is rejected is without a line in these tests."""

from __future__ import annotations

from domain.cleaning.reasons import Reason
from tests.spark_jobs.catalogue import test_records
from tests.spark_jobs.movielens import test_cleaning
from tests.spark_jobs.songs import test_events


def test_every_reason_has_a_line() -> None:
    tables = [*test_cleaning.FILES.values(), test_records.TITLES, test_records.CREDITS, *test_events.FILES.values()]
    assert {reason for lines in tables for _, reason in lines} == {*Reason, None}
