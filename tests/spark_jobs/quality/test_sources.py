"""Tables of people's own, in any form, with the types that their values have and the names that they were given."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from spark_jobs.quality import sources
from spark_jobs.quality.scan import Wanted, scan
from spark_jobs.storage.errors import JobError

HEADER = '"Sepal.Length";"`odd` name";"x";"X";"when";"is old";"note";"far"'
LINES = [
    '"1,5";1;1e2;1;2020-01-02;True;"two\nlines";5000000000',
    '2,25;2,0;NA;0;2020-01-02T03:04:05Z;False;"say ""so""";1',
    "NaN;;3;1;;;;2",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gz"])
def test_columns_of_text_files_have_the_types_of_their_values(
    spark: SparkSession, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "a [x].csv"
    text = "\n".join([HEADER, *LINES])
    path.write_bytes(gzip.compress(text.encode()) if encoding == "gz" else text.encode(encoding))
    (table,) = sources.named(spark, {"mine": path}, tmp_path / "work")
    assert table.frame.dtypes == [
        ("Sepal.Length", "double"),
        ("`odd` name", "int"),
        ("x", "int"),
        ("X_2", "int"),
        ("when", "timestamp"),
        ("is old", "boolean"),
        ("note", "string"),
        ("far", "bigint"),
    ]
    rows = [tuple(row) for row in table.frame.orderBy("far").collect()]
    assert rows[2][:4] == (1.5, 1, 100, 1)
    assert rows[0][:4] == (2.25, 2, None, 0)
    assert [row[6] for row in rows] == ['say "so"', None, "two\nlines"]
    scanned = scan(spark, table, Wanted(tuple(table.frame.columns), (("Sepal.Length", "`odd` name"),)))
    assert scanned.rows == 3
    assert scanned.columns["Sepal.Length"].missing == 1
    assert vars(scanned.keys["Sepal.Length", "`odd` name"]) == {"rows": 2, "surplus": 0}


def test_parquet_is_parquet_whatever_it_is_called_and_its_columns_have_any_names(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    pq.write_table(pa.table({"a.b": [1, 2], "`c`": [1.5, None], "d e": ["x", "y"]}), path)
    (table,) = sources.named(spark, {"mine": path}, tmp_path / "work")
    scanned = scan(spark, table, Wanted(tuple(table.frame.columns), (("a.b",),)))
    assert (scanned.rows, scanned.columns["`c`"].missing, scanned.keys["a.b",].surplus) == (2, 1, 0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"mine\.csv: the file is empty"),
        (b"a,b\n", r"mine\.csv: there is a header \(a,b\) and no row"),
        (b"a,b\n1,2\n1,2,3\n", r"mine\.csv, line 3: 3 values"),
        (b"PK\x03\x04", r"mine\.csv: the archive is damaged"),
    ],
)
def test_what_cannot_be_read_is_named(spark: SparkSession, tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(JobError, match=says):
        sources.named(spark, {"mine": path}, tmp_path / "work")
