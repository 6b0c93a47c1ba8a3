"""The table files, parsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cql import TABLES, TableFileError, parse
from spark_jobs.storage.schemas import table_schema

GOOD = """-- Question: which?
-- Written by: a_job.  Read by: a page.
CREATE TABLE IF NOT EXISTS things_by_id (
    thing_id int,          -- of the thing
    names frozen<list<text>>,  -- in order
    PRIMARY KEY ((thing_id))
);
"""


def table_file(folder: Path, text: str) -> Path:
    path = folder / "things_by_id.cql"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_file_tells_columns_keys_and_its_question(tmp_path: Path) -> None:
    table = parse(table_file(tmp_path, GOOD))
    assert (table.name, table.question) == ("things_by_id", "which?")
    assert (table.written_by, table.read_by) == ("a_job", "a page")
    assert [(column.name, column.type) for column in table.columns] == [
        ("thing_id", "int"),
        ("names", "frozen<list<text>>"),
    ]
    assert table.primary_key == ("thing_id",)
    assert table.insert == "INSERT INTO things_by_id (thing_id, names) VALUES (?, ?)"


@pytest.mark.parametrize(
    "broken",
    [
        GOOD.replace("  -- in order", ""),
        GOOD.replace("-- Question: which?\n", ""),
        GOOD.replace("    PRIMARY KEY ((thing_id))\n", ""),
    ],
    ids=["a column without a comment", "no question", "no key"],
)
def test_an_incomplete_table_file_is_refused_by_name(tmp_path: Path, broken: str) -> None:
    with pytest.raises(TableFileError, match=r"things_by_id\.cql"):
        parse(table_file(tmp_path, broken))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_named_for_its_query_and_created_under_its_file_name(name: str) -> None:
    table = TABLES[name]
    assert "_by_" in name or name == "active_runs"
    assert f"CREATE TABLE IF NOT EXISTS {name} (" in table.statement
    assert set(table.primary_key) <= set(table.column_names)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_spark_schema(name: str) -> None:
    assert tuple(table_schema(name).names) == TABLES[name].column_names


NOT_PUBLISHED = {
    *("active_runs", "runs_by_job", "reports_by_subject"),
    *("interactions_by_user", "feedback_by_user", "answers_by_key"),  # what people do outlives every run
    "sign_ins_by_token",  # and so does who has signed in
}


@pytest.mark.parametrize("name", sorted(set(TABLES) - NOT_PUBLISHED))
def test_published_rows_are_keyed_by_their_run_or_data_set(name: str) -> None:
    assert TABLES[name].partition_key[0] in {"run_id", "dataset_id"}
