"""Files of numbers however programs write them: separators, spaces, line ends, headers, paths."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.outliers.numeric_tables import LINE, filled, read_numbers
from spark_jobs.storage.errors import JobError

ROWS = np.random.default_rng(6).normal(size=(7, 3)) * [1.0, 1e3, 1e-3]
Write = Callable[[np.ndarray], str]


def lines(separator: str, pattern: str = "{:.7e}", before: str = "", after: str = "", end: str = "\n") -> Write:
    """Rows with a separator between the values, and something before and after them."""
    return lambda rows: end.join(before + separator.join(map(pattern.format, row)) + after for row in rows) + end


FORMS = {
    "commas": lines(","),
    "commas with spaces": lines(" , "),
    "a comma at the end": lines(",", after=","),
    "semicolons and CRLF": lines(";", end="\r\n"),
    "a semicolon at the end and CRLF": lines(";", after=";", end="\r\n"),
    "tabs": lines("\t"),
    "a tab at the end": lines("\t", after="\t"),
    "MATLAB save -ascii": lines("   ", before="   "),
    "MATLAB save -ascii -tabs": lines("\t", pattern="  {: .7e}", before=" "),
    "Octave save -ascii": lines("", pattern=" {: .7e}"),
    "np.savetxt, % .7e": lines(" ", pattern="{: .7e}"),
    "spaces at the end and CRLF": lines(" ", after="  ", end="\r\n"),
    "tabs and spaces mixed": lambda rows: "".join(f"{a:.7e} \t {b:.7e}   {c:.7e}\n" for a, b, c in rows),
    "blank lines first": lambda rows: "\n  \n" + lines(" ", before="  ")(rows),
    "a byte order mark": lambda rows: "\ufeff" + lines(",")(rows),
    "a header": lambda rows: "x1,x2,x3\n" + lines(",")(rows),
    "a header with a separator at the end": lambda rows: "x1;x2;x3;\n" + lines(";", after=";")(rows),
    "a header after a blank line": lambda rows: "\nx1 x2   x3\n" + lines("  ")(rows),
    "the header of np.savetxt": lambda rows: "# x1 x2 x3\n" + lines(" ")(rows),
}


def test_the_same_numbers_are_read_from_every_form(spark: SparkSession, tmp_path: Path) -> None:
    tables = []
    for at, (form, write) in enumerate(FORMS.items()):
        path = tmp_path / f"{at}.txt"
        path.write_text(write(ROWS), encoding="utf-8", newline="")
        table = read_numbers(spark, str(path))
        assert table.names == ("x1", "x2", "x3"), form
        tables.append(table.frame.select(F.lit(form).alias("form"), "row", *table.names))
    rows = reduce(DataFrame.unionByName, tables).toPandas()  # by one job, whose tasks are as many
    for form, of_form in rows.assign(row=rows["row"].astype(int)).groupby("form"):
        read = of_form.sort_values("row")
        assert read["row"].tolist() == list(range(1, len(ROWS) + 1)), form
        np.testing.assert_allclose(read[["x1", "x2", "x3"]], ROWS, rtol=1e-7, err_msg=str(form))
    assert set(rows["form"]) == set(FORMS)


@pytest.mark.parametrize("write", [lines(" ", before="   "), lines(" ", after="\r"), lines(",", after=",")])
def test_one_column_stays_one(spark: SparkSession, tmp_path: Path, write: Write) -> None:
    path = tmp_path / "y.txt"
    path.write_text(write(ROWS[:, :1]), newline="")
    table = read_numbers(spark, str(path))
    assert table.names == ("x1",)
    np.testing.assert_allclose(table.matrix(table.names), ROWS[:, :1], rtol=1e-7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,2,\n4,5,6\n", [[1, 2, None], [4, 5, 6]]), ("1\t\t3\n\t5\t6\n", [[1, None, 3], [None, 5, 6]])],
)
def test_a_missing_value_leaves_its_place_empty(
    spark: SparkSession, tmp_path: Path, text: str, expected: list[list[float]]
) -> None:
    path = tmp_path / "X.csv"
    path.write_text(text)
    table = read_numbers(spark, str(path))
    np.testing.assert_array_equal(table.matrix(table.names), np.array(expected, dtype=float))


def test_text_has_no_numbers(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text('host,"load, in %",note\na,1.5,"x, y"\nb,inf,z\n')
    table = read_numbers(spark, str(path), row_id="host")
    assert filled(table.frame, table.names) == {"load, in %": 1, "note": 0}
    assert {(row["row"], row[LINE]) for row in table.frame.collect()} == {("a", 1), ("b", 2)}


def test_the_line_that_is_taken_for_a_header_is_told(
    spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = tmp_path / "X.csv"
    path.write_text("load,latency\n1,2\n")
    read_numbers(spark, str(path))
    assert f"{path}: line 1 is taken for the header (load,latency)" in caplog.text
    assert "--header no" not in caplog.text
    path.write_text("1,NA\n3,4\n")
    read_numbers(spark, str(path))
    assert "line 1 is taken for the header (1,NA); if it is a row, as the numbers in it suggest, say" in caplog.text


def test_columns_of_what_is_written_are_no_features_names(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text("place,reasons,row,line,score\n1,2,3,4,5\n")
    table = read_numbers(spark, str(path))
    assert table.names == ("place_", "reasons_", "row_", "line_", "score_")
    assert table.matrix(table.names).tolist() == [[1, 2, 3, 4, 5]]


@pytest.mark.parametrize("given", ["X.csv", "./X.csv", "../here/X.csv", "{}/../here/X.csv", "link/X.csv"])
def test_any_path_leads_to_the_file(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "link").symlink_to(here)
    (here / "X.csv").write_text("1,2\n3,4\n")
    monkeypatch.chdir(here)
    table = read_numbers(spark, given.replace("{}", str(here)))
    assert table.matrix(table.names).tolist() == [[1, 2], [3, 4]]


def test_a_file_of_blank_lines_is_empty(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text(os.linesep * 3)
    with pytest.raises(JobError, match="the file is empty"):
        read_numbers(spark, str(path))
