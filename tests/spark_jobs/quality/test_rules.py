"""Rules of report_quality: a fault in a file is named with its place; limits decide as they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_jobs.quality.rules import DEFAULT_RULES, Limits, read_rules
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.schemas import CLEAN


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
