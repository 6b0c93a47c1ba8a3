"""Tables of numbers to look for outliers in: a CSV file with or without a header, Parquet, or one of our own tables."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, NumericType, StructType

from domain.contract.files import plain_path
from domain.statistics.moments import Matrix
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.raw_files import RawFile, line_of, read_lines
from spark_jobs.storage.tables import Tables

log = logging.getLogger(__name__)

ROW = "row"  # the column that tells rows apart: text
LINE = "line"  # of rows that come from a CSV file: their number in it, whatever tells them apart
OUR_OWN = (ROW, LINE, "score", "contributions", "place", "reasons")  # columns of what is written
COMMA_OR_SEMICOLON, TAB, BLANKS = ",;", "\t", " "
RUN_OF_BLANKS = r"[ \t]+"
COMMENT = r"^\s*[#%]\s+"  # as np.savetxt marks its header
LOOKED_AT = 100  # lines, to see whether all end with a separator
OWN_TABLE = "table:"


@dataclass(frozen=True)
class NumericTable:
    """`frame` has ROW, of a CSV file also LINE, and the columns `names`, all double; what is no number is null."""

    frame: DataFrame
    names: tuple[str, ...]
    row_is: str  # what ROW holds

    def matrix(self, names: tuple[str, ...]) -> Matrix:
        """rows × d values in the driver, in the order of the file; for small tables whose rows are numbered."""
        return matrix(self.frame.orderBy(F.col(ROW).cast("long")).select(*[f"`{name}`" for name in names]))


def matrix(frame: DataFrame) -> Matrix:
    """The rows of a small frame of doubles in the driver; null is nan."""
    return np.asarray(frame.toPandas(), dtype=float)


def read_numbers(
    spark: SparkSession, source: str, tables: Tables | None = None, row_id: str | None = None, header: str = "auto"
) -> NumericTable:
    """`source` is the path of a CSV file, of Parquet, or `table:NAME`; `row_id` names the column that tells rows apart.

    Raises:
        JobError: it is not there or has no column of numbers.
    """
    if source.startswith(OWN_TABLE):
        if tables is None:
            raise JobError(f"{source}: Cassandra does not answer, and no other --tables are named.")
        return numeric(tables.read(spark, source.removeprefix(OWN_TABLE)), row_id)
    path = plain_path(source)
    if not path.exists():
        raise JobError(f"{path}: no such file. Name a CSV file, a Parquet file or folder, or table:NAME.")
    if path.is_dir() or path.suffix == ".parquet":
        return numeric(spark.read.parquet(str(path)), row_id)
    return _csv(spark, path, row_id, header)


def numeric(frame: DataFrame, row_id: str | None) -> NumericTable:
    """The numbers of a frame; without `row_id` rows are numbered as they come.

    Raises:
        JobError: there is no column of numbers, or no column `row_id`.
    """
    if row_id is not None and row_id not in frame.columns:
        raise JobError(f"There is no column {row_id}: the columns are {', '.join(frame.columns)}.")
    fields = StructType.fromJson(frame.schema.jsonValue()).fields
    numbers = [f.name for f in fields if isinstance(f.dataType, NumericType | BooleanType) and f.name != row_id]
    if not numbers:
        raise JobError(f"No column of numbers: the columns are {', '.join(frame.columns)}.")
    number = F.monotonically_increasing_id() + 1  # of a file that one task reads, the number of the row
    row = F.col(f"`{row_id}`") if row_id else number
    values = [
        F.col(f"`{name}`").cast("int" if kind == "boolean" else kind).cast("double").alias(plain_name(name))
        for name, kind in frame.dtypes
        if name in numbers
    ]
    names = tuple(map(plain_name, numbers))
    told = row_id or "number that Spark gave the row"
    return NumericTable(frame.select(row.cast("string").alias(ROW), *values), names, told)


def plain_name(name: str) -> str:
    """The name as a column that Spark's functions for Arrow can find, and that is none of our own."""
    plain = re.sub(r"[.`]", "_", name.strip())
    return f"{plain}_" if plain in OUR_OWN else plain


@dataclass(frozen=True)
class _Form:
    """The form of a CSV file: `first` is the number of its first line of numbers, `names` those of its columns."""

    separator: str
    names: tuple[str, ...]
    first: int


def _csv(spark: SparkSession, path: Path, row_id: str | None, header: str) -> NumericTable:
    form = _form(path, header)
    if row_id is not None and row_id not in form.names:
        raise JobError(f"{path}: there is no column {row_id}: the columns are {', '.join(form.names)}.")
    raw = RawFile(path.name, (path,), (path.name,), lines=0, size=path.stat().st_size, sha256="")
    decoded = F.regexp_replace(F.decode("value", "UTF-8"), "^\ufeff|\r$", "")
    lines = read_lines(spark, raw, first=form.first).select("position", _tidied(decoded, form.separator).alias("text"))
    options = {"sep": form.separator, "ignoreLeadingWhiteSpace": "true"}
    parsed = lines.where(F.trim("text") != "").select(
        (line_of("position") - (form.first - 1)).alias(LINE),
        F.from_csv("text", _schema(form.names), options).alias("of"),
    )
    row = F.trim(F.col("of").getField(row_id)) if row_id else F.col(LINE).cast("string")
    kept = tuple(name for name in form.names if name != row_id)
    frame = parsed.select(row.alias(ROW), LINE, *[_double(F.col("of").getField(name)).alias(name) for name in kept])
    return NumericTable(frame, kept, row_id or "number of the row, the first is 1")


def _form(path: Path, header: str) -> _Form:
    at, lines = _first_lines(path)
    line = re.sub(COMMENT, "", lines[0])
    separator = _separator(line)
    tidy = re.sub(RUN_OF_BLANKS, " ", line).strip() if separator == BLANKS else line
    cells = [cell.strip() for cell in next(csv.reader([tidy], delimiter=separator, skipinitialspace=True))]
    ended = all(row.rstrip(" ").endswith(separator) for row in lines)  # also the last cell, which then is none
    if header == "no" or (header == "auto" and all(map(_is_number, cells))):
        return _Form(separator, tuple(f"x{n}" for n in range(1, len(cells) + 1 - ended)), at)
    if len(cells) > 1 and not cells[-1]:
        cells.pop()
    names = tuple(map(plain_name, cells))
    if len(set(names)) < len(names) or "" in names:
        raise JobError(f"{path}: the header names a column twice or not at all: {line[:200]!r}.")
    if header == "auto":
        level, doubt = logging.INFO, ""
        if any(map(_is_number, cells)):
            level, doubt = logging.WARNING, "; if it is a row, as the numbers in it suggest, say --header no"
        log.log(level, "%s: line %d is taken for the header (%s)%s", path, at, line[:200], doubt)
    return _Form(separator, names, at + 1)


def _first_lines(path: Path) -> tuple[int, list[str]]:
    """Number of the first line that is not blank, and the text of some such lines from there."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as stream:
        texts = ((at, line.rstrip("\r\n")) for at, line in enumerate(stream, start=1) if line.strip())
        first = list(islice(texts, LOOKED_AT))
    if not first:
        raise JobError(f"{path}: the file is empty.")
    return first[0][0], [line for _, line in first]


def _separator(line: str) -> str:
    """A comma, a semicolon, a tab, or BLANKS for any run of spaces and tabs.

    Two tabs have a missing value between them, so tabs are no BLANKS unless spaces separate numbers, too.
    """
    if sign := next((each for each in COMMA_OR_SEMICOLON if each in line), None):
        return sign
    cells = [cell.split() for cell in line.split(TAB)]
    mixed = any(len(parts) > 1 and all(map(_is_number, parts)) for parts in cells)
    return TAB if len(cells) > 1 and not mixed else BLANKS


def _tidied(text: Column, separator: str) -> Column:
    """Without spaces around it; BLANKS are one space each, as which they separate."""
    return F.trim(F.regexp_replace(text, RUN_OF_BLANKS, " ")) if separator == BLANKS else F.trim(text)


def filled(table: DataFrame, names: Sequence[str]) -> dict[str, int]:
    """The number of finite numbers in each of some columns of doubles."""
    counts = [F.count_if(is_finite(name)).alias(str(at)) for at, name in enumerate(names)]
    return dict(zip(names, table.agg(*counts).collect()[0], strict=True)) if counts else {}


def is_finite(name: str) -> Column:
    """Whether a column of doubles has a number in a row."""
    value = F.col(f"`{name}`")
    return value.isNotNull() & ~F.isnan(value) & (F.abs(value) < float("inf"))


def _schema(names: tuple[str, ...]) -> str:
    quoted = (name.replace("`", "``") for name in names)
    return ", ".join(f"`{name}` string" for name in quoted)


def _double(text: Column) -> Column:
    return F.trim(text).cast("double")


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True


def truth(values: Matrix, source: str) -> np.ndarray:
    """Labels as booleans: 1 is an outlier.

    Raises:
        JobError: something is neither 0 nor 1, or one of the two is missing.
    """
    labels = values.ravel()
    if labels.size == 0:
        raise JobError(f"{source}: no labels of 0 and 1 (1 for an outlier).")
    if not np.isin(labels, (0.0, 1.0)).all():
        raise JobError(f"{source}: labels must be 0 or 1 (1 for an outlier), but there are others.")
    if labels.min() == labels.max():
        raise JobError(f"{source}: every label is {labels[0]:.0f}; an F1 needs rows of both kinds.")
    return np.asarray(labels == 1.0)
