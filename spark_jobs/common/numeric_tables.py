"""Tables of numbers to look for outliers in: a CSV file with or without a header, Parquet, or one of our own tables."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, NumericType, StructType

from domain.moments import Matrix
from spark_jobs.common.errors import JobError
from spark_jobs.common.io import Tables
from spark_jobs.common.raw_files import RawFile, line_of, read_lines

ROW = "row"  # the column that tells rows apart: text
OUR_OWN = (ROW, "score", "contributions")
SEPARATORS = ",;\t "
OWN_TABLE = "table:"


@dataclass(frozen=True)
class NumericTable:
    """`frame` has ROW and the columns `names`, all double; what is no number is null."""

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
    path = Path(source).absolute()
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
    found = [f.name for f in fields if isinstance(f.dataType, NumericType | BooleanType) and f.name != row_id]
    if not found:
        raise JobError(f"No column of numbers: the columns are {', '.join(frame.columns)}.")
    number = F.monotonically_increasing_id() + 1  # of a file that one task reads, the number of the row
    row = F.col(f"`{row_id}`") if row_id else number
    values = [
        F.col(f"`{name}`").cast("int" if kind == "boolean" else kind).cast("double").alias(plain_name(name))
        for name, kind in frame.dtypes
        if name in found
    ]
    names = tuple(map(plain_name, found))
    told = row_id or "number that Spark gave the row"
    return NumericTable(frame.select(row.cast("string").alias(ROW), *values), names, told)


def plain_name(name: str) -> str:
    """The name as a column that Spark's functions for Arrow can find, and that is none of our own."""
    plain = re.sub(r"[.`]", "_", name.strip())
    return f"{plain}_" if plain in OUR_OWN else plain


def _csv(spark: SparkSession, path: Path, row_id: str | None, header: str) -> NumericTable:
    first = _first_line(path)
    separator = next((one for one in SEPARATORS if one in first), ",")
    cells = next(csv.reader([first], delimiter=separator, skipinitialspace=True))
    has_header = header == "yes" or (header == "auto" and not all(map(_is_number, cells)))
    names = tuple(map(plain_name, cells)) if has_header else tuple(f"x{n}" for n in range(1, len(cells) + 1))
    if len(set(names)) < len(names) or "" in names:
        raise JobError(f"{path}: the header names a column twice or not at all: {first[:200]!r}.")
    if row_id is not None and row_id not in names:
        raise JobError(f"{path}: there is no column {row_id}: the columns are {', '.join(names)}.")
    raw = RawFile(path.name, (path,), (path.name,), lines=0, size=path.stat().st_size, sha256="")
    lines = read_lines(spark, raw, first=2 if has_header else 1)
    text = F.regexp_replace(F.decode("value", "UTF-8"), "^\ufeff|\r$", "")
    parsed = (
        lines.select("position", text.alias("text"))
        .where(F.trim("text") != "")
        .select(
            "position",
            F.from_csv("text", _schema(names), {"sep": separator, "ignoreLeadingWhiteSpace": "true"}).alias("of"),
        )
    )
    number = (line_of("position") - (1 if has_header else 0)).cast("string")
    row = F.col("of").getField(row_id) if row_id else number
    kept = tuple(name for name in names if name != row_id)
    frame = parsed.select(row.alias(ROW), *[_double(F.col("of").getField(name)).alias(name) for name in kept])
    return NumericTable(frame, kept, row_id or "number of the row, the first is 1")


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        for line in stream:
            if line.strip():
                return line.rstrip("\r\n")
    raise JobError(f"{path}: the file is empty.")


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
    if not np.isin(labels, (0.0, 1.0)).all():
        raise JobError(f"{source}: labels must be 0 or 1 (1 for an outlier), but there are others.")
    if labels.min() == labels.max():
        raise JobError(f"{source}: every label is {labels[0]:.0f}; an F1 needs rows of both kinds.")
    return np.asarray(labels == 1.0)
