"""Rules of report_quality: what is wrong in a file is named with its place; limits and trends decide as they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from domain.statistics.columns import part_of
from spark_jobs.quality.checks import Check, Measured, check_table, check_trend, followed
from spark_jobs.quality.report import FILE, earlier_reports
from spark_jobs.quality.rules import DEFAULT_RULES, Limits, Rules, TableRules, read_rules
from spark_jobs.quality.scan import Scanned
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import CLEAN

NOW = datetime(2020, 1, 31, tzinfo=UTC)


def test_the_default_rules_name_every_cleaned_column_with_its_type() -> None:
    rules = read_rules(DEFAULT_RULES)
    for table, schema in CLEAN.items():
        expected = {field.name: field.dataType.simpleString() for field in schema}
        assert {name: column.type for name, column in rules.tables[table].columns.items()} == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables: [", "not YAML"),
        ("- a", "must have `tables:`"),
        ("tables: {x: {colums: {}}}", "tables.x.colums: there is no such rule"),
        ("tables: {x: {rows: {error_if: many}}}", "tables.x.rows.error_if: 'many' is no condition such as"),
        ("tables: {x: {rows: {}}}", "tables.x.rows: neither warn_if nor error_if"),
        ("tables: {x: {columns: {a: {maen: {warn_if: '> 1'}}}}}", "tables.x.columns.a.maen: there is no such rule"),
        ("tables: {x: {columns: {a: {references: movies}}}}", "tables.x.columns.a.references: "),
        ("tables: {}\ntrend: {at_least: 1}", "trend.at_least: Input should be greater than or equal to 2 (it is 1)"),
        ("tables: {}\ntrend: {severity: ok}", "trend.severity: Input should be 'warn' or 'error' (it is 'ok')"),
    ],
)
def test_a_fault_in_the_rules_is_named_with_file_key_and_value(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JobError) as error:
        read_rules(path)
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)


def test_rules_that_are_not_there_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"none\.yaml: No such file"):
        read_rules(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("value", "severity"), [(0.0, None), (0.05, None), (0.06, "warn"), (0.2, "error"), (-1.0, "error")]
)
def test_the_gravest_condition_counts(value: float, severity: str | None) -> None:
    limits = Limits.model_validate({"warn_if": "> 5%", "error_if": [">= 0.2", "< 0"]})
    broken = limits.broken(value)
    assert (broken and broken[0]) == severity


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


def test_history_counts_every_data_set_once_and_never_the_present_one(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    for run, dataset, rows in (("1", "a", 1.0), ("2", "a", 1.0), ("3", "b", 2.0), ("4", "now", 3.0), ("5", "c", 4.0)):
        paths.report(run).mkdir(parents=True)
        subject = "quality.other" if run == "5" else "quality"
        about = {
            "run_id": run,
            "dataset_id": dataset,
            "subject": subject,
            "verdict": "good",
            "metrics": {"t.rows": rows},
        }
        (paths.report(run) / FILE).write_text(json.dumps(about))
    found = earlier_reports(paths, "quality", {"t.rows": 3.0}, "now")
    assert [one["run_id"] for one in found] == ["2", "3"]
