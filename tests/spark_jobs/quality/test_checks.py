"""Checks: figures against their limits, and against their history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from domain.statistics.columns import part_of
from spark_jobs.quality.checks import Check, Measured, check_table, check_trend, followed
from spark_jobs.quality.rules import Rules, TableRules
from spark_jobs.quality.scan import Scanned

NOW = datetime(2020, 1, 31, tzinfo=UTC)


def checks_of(column: pa.Array, **rules: Any) -> dict[str, Check]:
    """The checks of a column x by their names."""
    table = TableRules.model_validate({"columns": {"x": rules}})
    measured = Measured("t", table, {"x": "any"}, Scanned(len(column), {"x": part_of(column)}, {}))
    return {check.check: check for check in check_table(measured, NOW)}


def test_a_key_whose_column_is_missing_is_an_error() -> None:
    table = TableRules.model_validate({"key": ["x", "y"], "rows": {"error_if": "< 1"}})
    column = pa.array([1, 1])
    measured = Measured("t", table, {"x": "int"}, Scanned(len(column), {"x": part_of(column)}, {}))
    found = {check.check: check for check in check_table(measured, NOW)}
    assert (found["key"].column, found["key"].status) == ("y", "error")
    assert found["key"].sentence == "t.y: the key's column is missing; there are x"
    assert found["rows"].status == "ok"


def test_freshness_is_the_age_of_the_newest_row() -> None:
    times = pa.array([datetime(2019, 1, 1), datetime(2020, 1, 1)], pa.timestamp("us"))
    found = checks_of(
        times,
        age_days={"warn_if": "> 7", "error_if": "> 31"},
        min={"error_if": "< 2019-06-01"},
        days_ahead={"error_if": "> 0"},
    )
    assert (found["age_days"].status, found["age_days"].value) == ("warn", 30)
    assert found["days_ahead"].status == "ok"
    assert found["min"].sentence == "t.x: min is 2019-01-01T00:00:00+00:00, error if < 2019-06-01"


def test_a_shifted_range_is_found_by_quantiles_mean_and_extremes() -> None:
    values = pa.array(np.arange(100.0) + 50)
    found = checks_of(
        values,
        max={"error_if": "> 100"},
        median={"warn_if": "> 60"},
        p05={"warn_if": "< 50"},
        mean={"error_if": ["< 0", "> 99"]},
    )
    assert {name: check.status for name, check in found.items()} == {
        "max": "error",
        "mean": "error",
        "p05": "ok",
        "median": "warn",
    }


def test_a_column_without_values_is_said_to_be_beyond_measure() -> None:
    found = checks_of(pa.array([None, None], pa.float64()), missing={"error_if": "> 0"}, mean={"error_if": "> 1"})
    assert (found["missing"].status, found["missing"].value) == ("error", 1.0)
    assert (found["mean"].status, found["mean"].value) == ("warn", None)


def test_a_figure_that_leaves_its_history_is_a_warning() -> None:
    history = [{"t.rows": rows, "t.x.mean": 3.5} for rows in (1000.0, 1010.0, 990.0, 1005.0, 995.0)]
    assert check_trend({"t.rows": 1020.0, "t.x.mean": 3.5, "t.new": 1.0}, history, Rules()) == []
    (alarm,) = check_trend({"t.rows": 1100.0, "t.x.mean": 3.5}, history, Rules())
    assert (alarm.table, alarm.column, alarm.check, alarm.status) == ("t", "", "trend of rows", "warn")
    assert "rows is 1,100, outside mean ± 3 σ of 5 reports" in alarm.sentence
    (constant,) = check_trend({"t.x.mean": 3.6}, history, Rules())
    assert (constant.column, constant.check) == ("x", "trend of mean")


def test_more_months_without_data_than_ever_are_a_warning_and_fewer_are_not() -> None:
    history = [{"t.at.months_without_data": 4.0}] * 5
    (alarm,) = check_trend({"t.at.months_without_data": 5.0}, history, Rules())
    assert (alarm.column, alarm.check) == ("at", "trend of months_without_data")
    assert check_trend({"t.at.months_without_data": 3.0}, history, Rules()) == []


def test_the_months_without_data_of_times_have_a_history() -> None:
    times = pa.array([datetime(2019, 1, 1), datetime(2019, 4, 1)], pa.timestamp("us"))
    measured = Measured("t", TableRules(), {"at": "timestamp"}, Scanned(2, {"at": part_of(times)}, {}))
    assert followed(measured) == {"t.rows": 2.0, "t.at.missing": 0.0, "t.at.months_without_data": 2.0}


def test_four_reports_are_no_history() -> None:
    assert check_trend({"t.rows": 9.0}, [{"t.rows": 1.0}] * 4, Rules()) == []
