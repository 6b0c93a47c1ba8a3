"""Which reports and lists of the lab are deleted, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spark_jobs.storage import reports
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.reports import KEPT, KEPT_LISTS, OUTLIERS, REPORTS

SUBJECT = "outliers.servers"


class Stored:
    """Stands for the tables: the runs that have a report or a list, and how often a list or report was deleted."""

    def __init__(self) -> None:
        self.runs: dict[str, set[str]] = {REPORTS: set(), OUTLIERS: set()}
        self.deletions: list[tuple[str, str]] = []
        self.fails = False

    def insert(self, spark: None, table: str, rows: list[dict[str, Any]]) -> None:
        self.runs[table] |= {row["run_id"] for row in rows}

    def column(self, spark: None, table: str, column: str, key: dict[str, Any]) -> list[str]:
        assert key == {"subject": SUBJECT}
        return list(self.runs[table])

    def delete(self, spark: None, table: str, runs: list[str]) -> None:
        if self.fails:
            raise OSError("gone")
        self.runs[table] -= set(runs)
        self.deletions += [(table, run) for run in runs]


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Stored:
    monkeypatch.setattr(reports, "_keys", lambda spark, subject, runs: runs)
    return Stored()


def report(stored: Stored, folder: Path, number: int, outliers: list[dict[str, Any]] | None) -> None:
    run = Run("detect_outliers", Paths(folder), {}, run_id=f"run-{number:03}")
    reports.store_report(None, run, stored, SUBJECT, "good", {"sentence": "all is well"}, outliers)


def test_the_newest_reports_and_lists_stay_and_each_other_is_deleted_once(stored: Stored, tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        report(stored, tmp_path, number, [{"place": 1}])
    ids = [f"run-{number:03}" for number in range(KEPT + 5)]
    assert sorted(stored.runs[REPORTS]) == ids[5:]
    assert sorted(stored.runs[OUTLIERS]) == ids[-KEPT_LISTS:]
    lists = [run for table, run in stored.deletions if table == OUTLIERS]
    assert lists.count(ids[20]) == 1
    assert len(lists) <= len(ids) - KEPT_LISTS + 5, "a list with its report once more"


def test_a_list_that_could_not_be_deleted_goes_with_its_report(stored: Stored, tmp_path: Path) -> None:
    for number in range(KEPT_LISTS + KEPT):
        stored.fails = number == KEPT_LISTS
        try:
            report(stored, tmp_path, number, [{"place": 1}])
        except OSError:
            assert stored.fails
    assert "run-000" not in stored.runs[REPORTS] | stored.runs[OUTLIERS]


def test_for_reports_without_lists_none_is_deleted(stored: Stored, tmp_path: Path) -> None:
    for number in range(KEPT + 1):
        report(stored, tmp_path, number, None)
    assert stored.deletions == [(REPORTS, "run-000")]
