"""Every way in which a number, a missing value or a time is written, and what looks like one and is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from domain.cleaning.written import NUMBER, number, truth
from domain.cleaning.written import is_missing as says_missing
from spark_jobs.frames import written

WHOLE = {
    **dict.fromkeys(("801", "801.0", "801.", "801.000", "8.01e2", "8.01E+02", "+801", " 801 ", "0801", "801\t"), 801),
    **{"1e+05": 100_000, "-3": -3, "0": 0, "0.0": 0, "-0": 0, "1E5": 100_000, "\u00a0801": 801},
    "9223372036854775807": 2**63 - 1,
}
TOO_LARGE = ("9223372036854775808", "9" * 400, "1e30", "1e4000")
NOT_WHOLE = (
    *(
        "",
        " ",
        "801.5",
        "8.015e2",
        "1e-3",
        "801,0",
        "1,000",
        "0x10",
        "1_000",
        "eight",
        "NaN",
        "NA",
        "inf",
        "--1",
        "1e",
        "e5",
    ),
    *("\u0661", "801 2", "1.0.0", "801L", "+", ".", "1e99999"),
)
NUMBERS = {
    "3.5": 3.5,
    "3,5": None,
    ".5": 0.5,
    "5.": 5.0,
    "1e-3": 0.001,
    "-1.1E-05": -1.1e-5,
    " 7 ": 7.0,
    "nan": None,
    "1d": None,
    "1f": None,
}
MISSING = (
    "",
    " ",
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "<NA>",
    "NaT",
    "\\N",
    "#N/A",
    "undefined",
    "?",
    "-nan",
)
PRESENT = ("0", "x", "Nantes", "nonesuch", "NAN!", "-", "nul")
MOMENT = datetime(2005, 4, 2, 23, 51, 47, tzinfo=UTC).timestamp()
TIMES = (
    *("1112485907", "1112485907.0", "1.112485907e9", "1112485907000", "1112485907000.0", "1112485907000000"),
    *("1112485907000000000", "2005-04-02 23:51:47", "2005-04-02T23:51:47", "2005-04-02T23:51:47Z"),
    *(
        "2005-04-02T23:51:47.000Z",
        "2005-04-02 23:51:47.123456",
        "2005-04-02 23:51:47+00:00",
        "2005-04-03T01:51:47+0200",
    ),
    *("2005-04-03 01:51:47+02", "2005-04-02 23:51:47 UTC", "2005/04/02 23:51:47", "2005-4-2 23:51:47"),
    *("Sat Apr 02 2005 23:51:47 GMT+0000 (Coordinated Universal Time)", "Sat, 02 Apr 2005 23:51:47 GMT"),
    *("Sat Apr 02 23:51:47 UTC 2005", "Sat Apr  2 23:51:47 2005", "2 April 2005 23:51:47", "Apr 2, 2005 23:51:47"),
    *("02-Apr-2005 23:51:47", " 2005-04-02T23:51:47Z "),
)
NO_TIMES = (
    "",
    "yesterday",
    "03/04/2005",
    "2005-13-01",
    "2005-02-30",
    "2005-04-02 25:00:00",
    "Foo 02 2005",
    "NaN",
    "12:30",
    "2005",
)
DAYS = {
    "2005-04-02": "2005-04-02",
    "02-Apr-2005": "2005-04-02",
    "April 2, 2005": "2005-04-02",
    "2005-04-02T23:51": None,
}


def read(spark: SparkSession, texts: tuple[str, ...] | list[str], column: Column) -> list[object]:
    """What a column makes of each text."""
    rows = spark.createDataFrame(list(enumerate(texts)), "n int, text string").select("n", column.alias("read"))
    return [row["read"] for row in rows.orderBy("n").collect()]


def test_whole_numbers(spark: SparkSession) -> None:
    texts = [*WHOLE, *TOO_LARGE, *NOT_WHOLE]
    found = dict(zip(texts, read(spark, texts, written.whole(F.col("text"))), strict=True))
    assert found == WHOLE | dict.fromkeys([*TOO_LARGE, *NOT_WHOLE])
    is_whole = dict(zip(texts, read(spark, texts, written.is_whole(F.col("text"))), strict=True))
    assert is_whole == dict.fromkeys([*WHOLE, *TOO_LARGE], True) | dict.fromkeys(NOT_WHOLE, False)


def test_numbers_as_columns_and_as_python_reads_them(spark: SparkSession) -> None:
    texts = [*NUMBERS, *WHOLE, *NOT_WHOLE, "Inf", "-inf", "Infinity"]
    found = read(spark, texts, written.number(F.col("text")))
    assert found == [number(text) for text in texts]
    assert {text: value for text, value in zip(texts, found, strict=True) if text in NUMBERS} == NUMBERS
    assert NUMBER in written.NUMBER


def test_missing_values(spark: SparkSession) -> None:
    texts = [*MISSING, *PRESENT]
    found = read(spark, texts, written.is_missing(F.col("text")))
    assert found == [True] * len(MISSING) + [False] * len(PRESENT) == [says_missing(text) for text in texts]


def test_times(spark: SparkSession) -> None:
    found = read(spark, TIMES, F.floor(written.seconds(F.col("text"))))
    assert dict(zip(TIMES, found, strict=True)) == dict.fromkeys(TIMES, MOMENT)
    none = read(spark, NO_TIMES, written.seconds(F.col("text")))
    assert dict(zip(NO_TIMES, none, strict=True)) == dict.fromkeys(NO_TIMES) | {"2005": 2005.0}


def test_days_are_their_first_moment(spark: SparkSession) -> None:
    found = read(spark, list(DAYS), written.seconds(F.col("text")))
    begin = [datetime.fromisoformat(f"{day or '2005-04-02T23:51'}+00:00").timestamp() for day in DAYS.values()]
    assert found == begin


def test_decimal_commas(spark: SparkSession) -> None:
    found = read(spark, ["3,5", "-0,25", "1,234,567", "3.5"], written.with_points(F.col("text")))
    assert found == ["3.5", "-0.25", "1,234,567", "3.5"]


@pytest.mark.parametrize(
    ("text", "says"), [("1", True), ("0", False), ("-1", False), ("TRUE", True), ("no", False), ("2", None)]
)
def test_labels(text: str, says: bool | None) -> None:
    assert truth(text) is says
