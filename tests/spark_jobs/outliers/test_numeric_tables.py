"""Files of numbers however programs write them: separators, spaces, line ends, headers, paths."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.outliers.numeric_tables import LINE, filled, read_numbers, truth
from spark_jobs.storage.errors import JobError
from tests.support.mutations import LINES, bytes_of, mutated

ROWS = np.random.default_rng(6).normal(size=(7, 3)) * [1.0, 1e3, 1e-3]
Write = Callable[[np.ndarray], str]


def lines(separator: str, pattern: str = "{:.7e}", before: str = "", after: str = "", end: str = "\n") -> Write:
    """Rows with a separator between the values, and something before and after them."""
    return lambda rows: end.join(before + separator.join(map(pattern.format, row)) + after for row in rows) + end


def named_rows(separator: str, header: str, name: str = '"{}"', first: int = 1) -> Write:
    """Rows that begin with their names, which are numbers."""

    def write(rows: np.ndarray) -> str:
        cells = [[name.format(at), *map("{:.7e}".format, row)] for at, row in enumerate(rows, start=first)]
        return header + "".join(separator.join(row) + "\n" for row in cells)

    return write


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
    "decimal commas and semicolons": lambda rows: lines(";")(rows).replace(".", ","),
    "decimal commas and tabs": lambda rows: lines("\t")(rows).replace(".", ","),
    "write.csv2 of R": lambda rows: named_rows(";", '"";"x1";"x2";"x3"\n')(rows).replace(".", ","),
    "write.table of R": lambda rows: named_rows(" ", '"x1" "x2" "x3"\n')(rows),
    "write.csv of R": lambda rows: named_rows(",", '"","x1","x2","x3"\n')(rows),
    "to_csv of pandas": lambda rows: named_rows(",", ",x1,x2,x3\n", "{}", 0)(rows),
    "Excel's sep": lambda rows: "sep=;\nx1;x2;x3\n" + lines(";")(rows),
    "carriage returns": lambda rows: "x1,x2,x3\r" + lines(",", end="\r")(rows),
    "quoted numbers": lambda rows: "".join(",".join(f'"{value:.7e}"' for value in row) + "\n" for row in rows),
    "comments": lambda rows: "# made by hand\n" + lines(",")(rows) + "# the end\n",
    "the header of np.savetxt": lambda rows: "# x1 x2 x3\n" + lines(" ")(rows),
}


def test_the_same_numbers_are_read_from_every_form(spark: SparkSession, tmp_path: Path) -> None:
    tables = []
    for at, (form, write) in enumerate(FORMS.items()):
        path = tmp_path / f"{at}.txt"
        path.write_text(write(ROWS), encoding="utf-8", newline="")
        table = read_numbers(spark, str(path), tmp_path / "work")
        assert table.names == ("x1", "x2", "x3"), form
        tables.append(table.frame.select(F.lit(form).alias("form"), F.col(LINE).alias("row"), *table.names))
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
    table = read_numbers(spark, str(path), tmp_path / "work")
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
    table = read_numbers(spark, str(path), tmp_path / "work")
    np.testing.assert_array_equal(table.matrix(table.names), np.array(expected, dtype=float))


def test_text_has_no_numbers(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text('host,"load, in %",note\na,1.5,"x, y"\nb,inf,z\n')
    table = read_numbers(spark, str(path), tmp_path / "work", row_id="host")
    assert filled(table.frame, table.names) == {"load, in %": 1, "note": 0}
    assert {(row["row"], row[LINE]) for row in table.frame.collect()} == {("a", 1), ("b", 2)}


def test_the_line_that_is_taken_for_a_header_is_told(
    spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = tmp_path / "X.csv"
    path.write_text("load,latency\n1,2\n")
    read_numbers(spark, str(path), tmp_path / "work")
    assert f"{path}: line 1 is taken for the header (load,latency)" in caplog.text
    assert "--header no" not in caplog.text
    path.write_text("1,b\n3,4\n")
    read_numbers(spark, str(path), tmp_path / "work")
    assert "line 1 is taken for the header (1,b); if it is a row, as the numbers in it suggest, say" in caplog.text


def test_columns_of_what_is_written_are_no_features_names(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text("place,reasons,row,line,score\n1,2,3,4,5\n")
    table = read_numbers(spark, str(path), tmp_path / "work")
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
    table = read_numbers(spark, given.replace("{}", str(here)), tmp_path / "work")
    assert table.matrix(table.names).tolist() == [[1, 2], [3, 4]]


ENCODED: dict[str, Callable[[bytes], bytes]] = {
    "X.csv.gz": gzip.compress,
    "under another name.csv": bz2.compress,
    "X.csv.xz": lzma.compress,
    "UTF-16.csv": lambda text: text.decode().encode("utf-16"),
    "UTF-16 without a mark.txt": lambda text: text.decode().encode("utf-16-le"),
    "Latin-1.csv": lambda text: text.decode().encode("latin-1"),
    "text under the name.parquet": bytes,
    "text under the name.csv.GZ": bytes,
    "_hidden.csv": bytes,
    "a [x] {b} *?,%20#é": bytes,
}


def test_files_are_known_by_their_first_bytes_and_not_by_their_names(spark: SparkSession, tmp_path: Path) -> None:
    for name, encoded in ENCODED.items():
        path = tmp_path / name
        path.write_bytes(encoded("größe,b\n1,2\n3,4.5\n".encode()))
        table = read_numbers(spark, str(path), tmp_path / "work")
        assert table.names == ("größe", "b"), name
        assert table.matrix(table.names).tolist() == [[1, 2], [3, 4.5]], name
    pq.write_table(pa.table({"größe": [1.0, 3.0], "b": [2, 4]}), tmp_path / "Parquet.csv")
    table = read_numbers(spark, str(tmp_path / "Parquet.csv"), tmp_path / "work")
    assert sorted(map(tuple, table.frame.select(*table.names).collect())) == [(1, 2), (3, 4)]


LONG = "n" * 3000
NAMES = ["Sepal.Length", "`odd` name", "a b", 'say ""x""', "load, in %", "two\nlines", "x", "X", "", "größe", LONG]
FOUND = ("Sepal.Length", "`odd` name", "a b", 'say "x"', "load, in %", "two lines", "x", "X_2", "x9", "größe", LONG)


def test_columns_have_any_names(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    header = ",".join(f'"{name}"' for name in NAMES)
    path.write_text("\n".join([header, ",".join("1" * 11), ",".join("2" * 10 + "3")]))
    table = read_numbers(spark, str(path), tmp_path / "work")
    assert table.names == FOUND
    assert table.matrix(table.names).tolist() == [[1] * 11, [2] * 10 + [3]]
    assert set(filled(table.frame, table.names).values()) == {2}
    assert table.matrix(("load, in %", "X_2")).tolist() == [[1, 1], [2, 2]]


def test_row_names_tell_rows_apart(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.txt"
    path.write_text('"latency" "throughput"\n"Mon 1" 13.124 14.917\n"Tue" 15 NA\n')
    table = read_numbers(spark, str(path), tmp_path / "work")
    rows = table.frame.orderBy(LINE).collect()
    assert [(row["row"], row[LINE], row.latency, row.throughput) for row in rows] == [
        ("Mon 1", 1, 13.124, 14.917),
        ("Tue", 2, 15.0, None),
    ]
    assert table.row_is == "name of the row"


def test_numbers_and_missing_ones_are_read_in_every_usual_form(spark: SparkSession, tmp_path: Path) -> None:
    missing = ["", "NA", "N/A", "nan", "NULL", "null", "None", "?", "<NA>", "#N/A"]
    numbers = {"1e+05": 1e5, "+3": 3, ".5": 0.5, "7.": 7, " 2 ": 2, "1E-3": 1e-3, "801.0": 801}
    path = tmp_path / "X.csv"
    path.write_text("a,b\n" + "".join(f"{text},1\n" for text in [*numbers, *missing, "Infinity", "-inf"]))
    table = read_numbers(spark, str(path), tmp_path / "work")
    values = table.matrix(("a",)).ravel().tolist()
    assert values[: len(numbers)] == list(numbers.values())
    assert np.isnan(values[len(numbers) : -2]).all()
    assert values[-2:] == [float("inf"), float("-inf")]


def test_what_is_no_number_among_numbers_is_told_with_its_line(
    spark: SparkSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "X.csv"
    path.write_text("host,load\na,1.5\nb,high\nc,low\nd,2.5\ne,3\n")
    read_numbers(spark, str(path), tmp_path / "work")
    assert f"{path}, line 3, column load: 'high' is no number, and so are 2 in all" in caplog.text
    assert "host" not in caplog.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n3\n", r"X\.csv, line 3: 1 values \('3'\), but other lines have 2"),
        ("a,b\n1,2\n3,4\n\n5,6,7\n", r"X\.csv, line 5: 3 values"),
        ("a b\n1 2\n3 4 5\n", r"X\.csv, line 3: 3 values"),
        ('a,b\n1,2\n3,"4\n', r"X\.csv, line 3: "),
        ("a,b\n", r"X\.csv: there is a header \(a,b\) and no row"),
        ("a;b\n" + "1;2\n" * 300 + "1,5;2\n", r"X\.csv, line 302, column a: '1,5' has another decimal sign"),
        ("a;b\n" + "1,5;2\n" * 300 + "1.5;2\n", r"X\.csv, line 302, column a: '1\.5' has another decimal sign"),
        ("1,5;2.5\n", r"X\.csv: line 1 has '1,5'"),
        ("\x93NUMPY", r"X\.csv: this is"),
    ],
)
def test_what_cannot_be_read_for_sure_is_refused_with_its_line(
    spark: SparkSession, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "X.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(JobError, match=says):
        read_numbers(spark, str(path), tmp_path / "work")


def test_text_may_have_line_ends(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text('note,load\n"one\ntwo",1.5\nb,2.5\n')
    table = read_numbers(spark, str(path), tmp_path / "work")
    assert sorted(table.matrix(("load",)).ravel().tolist()) == [1.5, 2.5]


LABELS = ["0\n1\n0\n", "-1\n1\n-1\n", "False\nTrue\nFalse\n", "no\nyes\nno\n", "y\nFALSE\nTRUE\nFALSE\n", "F\nT\nF\n"]


@pytest.mark.parametrize("text", [*LABELS, '"y"\n"1" 0\n"2" 1\n"3" 0\n', "0.0\n1.0\n0.0\n", "n\ny\nn\n"])
def test_labels_are_read_as_programs_write_them(spark: SparkSession, tmp_path: Path, text: str) -> None:
    path = tmp_path / "y.csv"
    path.write_text(text)
    table = read_numbers(spark, str(path), tmp_path / "work")
    assert truth(table.matrix(table.names), str(path)).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([0.0, 1.0, 2.0], "y: labels must be 0 or 1 .*; that of row 3 is 2"),
        ([0.0, float("nan"), 1.0], "y: labels must .*; that of row 2 is none"),
        ([1.0, 1.0, -1.0], "y: most labels are 1 and the others -1"),
        ([0.0, 0.0], "y: every label is 0"),
    ],
)
def test_labels_that_are_none_are_named(labels: list[float], says: str) -> None:
    with pytest.raises(JobError, match=says):
        truth(np.array(labels), "y")


def test_a_file_of_blank_lines_is_empty(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "X.csv"
    path.write_text(os.linesep * 3)
    with pytest.raises(JobError, match="the file is empty"):
        read_numbers(spark, str(path), tmp_path / "work")


def test_any_table_is_read_whole_or_refused_in_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    rng = random.Random(13)
    for at in range(max(12, LINES // 250)):
        separator = rng.choice([",", ";", "\t", " "])
        rows = [separator.join(f"{rng.gauss(0, 9):.3f}" for _ in range(3)) for _ in range(20)]
        some = [mutated(rng, row) if rng.random() < 0.1 else row for row in [separator.join("abc"), *rows]]
        path = tmp_path / f"{at}.csv"
        path.write_bytes(bytes_of(rng, some))
        try:
            table = read_numbers(spark, str(path), tmp_path / "work")
        except JobError as error:
            assert str(path) in str(error)
        else:
            there = sum(bool(line.strip()) for line in path.read_bytes().splitlines())
            assert there - 5 <= table.frame.count() <= there


def test_the_case_files_are_read_or_refused(spark: SparkSession, tmp_path: Path, cases: Path) -> None:
    folder, work = cases / "numbers", tmp_path / "work"
    table = read_numbers(spark, str(folder / "decimal-comma-semicolon.csv"), work)
    assert table.matrix(table.names)[0].tolist() == [15.6790, 16.0882]
    table = read_numbers(spark, str(folder / "row-names-from-R.txt"), work)
    assert table.names == ("latency", "throughput")
    assert table.matrix(table.names)[0].tolist() == [13.124, 14.917]
    table = read_numbers(spark, str(folder / "dots-in-header.csv"), work)
    assert table.names == ("Sepal.Length", "Sepal.Width", "`odd` name")
    labels = read_numbers(spark, str(folder / "labels-true-false.csv"), work)
    assert truth(labels.matrix(labels.names), "y")[:3].tolist() == [False, True, True]
    with pytest.raises(JobError, match="this is a NumPy array"):
        read_numbers(spark, str(folder / "not-a-csv.npy"), work)
