"""Tables of numbers to look for outliers in: a CSV file with or without a header, Parquet, or one of our own tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, NumericType

from domain.cleaning.column_names import usable_names
from domain.contract.files import plain_path
from domain.statistics.moments import Matrix
from spark_jobs.frames.columns import column
from spark_jobs.outliers.text_tables import FILE_LINE, is_parquet, read_parquet, read_text_table, tell_unreadable
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.tables import Tables

log = logging.getLogger(__name__)

ROW = "row"  # the column that tells rows apart: text
LINE = "line"  # of rows that come from a text file: their number in it, whatever tells them apart
OUR_OWN = (ROW, LINE, "score", "contributions", "place", "reasons")  # columns of what is written
OWN_TABLE = "table:"


@dataclass(frozen=True)
class NumericTable:
    """`frame` has ROW, of a CSV file also LINE, and the columns `names`, all double; what is no number is null."""

    frame: DataFrame
    names: tuple[str, ...]
    row_is: str  # what ROW holds

    def matrix(self, names: tuple[str, ...]) -> Matrix:
        """rows × d values in the driver, in the order of the file; for small tables whose rows are numbered."""
        number = F.col(LINE if LINE in self.frame.columns else ROW).cast("long")
        return matrix(self.frame.orderBy(number).select(*map(column, names)))


def matrix(frame: DataFrame) -> Matrix:
    """The rows of a small frame of doubles in the driver; null is nan."""
    return np.asarray(frame.toPandas(), dtype=float)


def read_numbers(
    spark: SparkSession,
    source: str,
    work: Path,
    tables: Tables | None = None,
    row_id: str | None = None,
    header: str = "auto",
) -> NumericTable:
    """The columns of numbers in a file or table.

    Args:
        source: the path of a text file in any usual form, packed or not, of Parquet, or `table:NAME`.
        work: a folder of the run for a plain copy of the file, needed as long as the frame is.
        tables: where ours are.
        row_id: the column that tells rows apart.
        header: of text files: yes, no or auto.

    Raises:
        JobError: it is not there, may be read in two ways, or has no column of numbers.
    """
    if source.startswith(OWN_TABLE):
        if tables is None:
            raise JobError(f"{source}: Cassandra does not answer, and no other --tables are named.")
        return numeric(tables.read(spark, source.removeprefix(OWN_TABLE)), row_id)
    path = plain_path(source)
    if not path.exists():
        raise JobError(f"{path}: no such file. Name a CSV file, a Parquet file or folder, or table:NAME.")
    if is_parquet(path):
        return numeric(read_parquet(spark, path), row_id)
    return _text(spark, path, work, row_id, header)


def numeric(frame: DataFrame, row_id: str | None) -> NumericTable:
    """The numbers of a frame; without `row_id` rows are numbered as they come.

    Raises:
        JobError: there is no column of numbers, or no column `row_id`.
    """
    if row_id is not None and row_id not in frame.columns:
        raise JobError(f"There is no column {row_id}: the columns are {', '.join(frame.columns)}.")
    types = {field.name: field.dataType for field in frame.schema.fields}
    names = dict(zip(frame.columns, usable_names(frame.columns, OUR_OWN), strict=True))
    numbers = [name for name, kind in types.items() if isinstance(kind, NumericType | BooleanType) and name != row_id]
    if not numbers:
        raise JobError(f"No column of numbers: the columns are {', '.join(frame.columns)}.")
    number = F.monotonically_increasing_id() + 1  # of a file that one task reads, the number of the row
    row = column(row_id) if row_id else number
    values = [
        (column(name).cast("int") if isinstance(types[name], BooleanType) else column(name))
        .cast("double")
        .alias(names[name])
        for name in numbers
    ]
    told = row_id or "number that Spark gave the row"
    return NumericTable(frame.select(row.cast("string").alias(ROW), *values), tuple(names[n] for n in numbers), told)


def _text(spark: SparkSession, path: Path, work: Path, row_id: str | None, header: str) -> NumericTable:
    table = read_text_table(spark, path, work, header, OUR_OWN)
    form = table.form
    if form.header and header == "auto":
        doubt = "; if it is a row, as the numbers in it suggest, say --header no" if form.is_header_doubtful else ""
        level = logging.WARNING if doubt else logging.INFO
        log.log(level, "%s: line %d is taken for the header (%s)%s", path, *form.header, doubt)
    if row_id is not None and row_id not in form.names:
        raise JobError(f"{path}: there is no column {row_id}: the columns are {', '.join(form.names)}.")
    tell_unreadable(table, [name for name in form.names if name in form.numbers and name != row_id])
    number = F.col(FILE_LINE) - (form.first - 1)
    own_name = table.cell(row_id) if row_id else table.row_name
    row, told = (
        (own_name, row_id or "name of the row")
        if own_name is not None
        else (number.cast("string"), "number of the row, the first is 1")
    )
    kept = tuple(name for name in form.names if name != row_id)
    values = [table.number(name).alias(name) for name in kept]
    return NumericTable(table.frame.select(row.alias(ROW), number.alias(LINE), *values), kept, told)


def filled(table: DataFrame, names: Sequence[str]) -> dict[str, int]:
    """The number of finite numbers in each of some columns of doubles."""
    counts = [F.count_if(is_finite(name)).alias(str(at)) for at, name in enumerate(names)]
    return dict(zip(names, table.agg(*counts).collect()[0], strict=True)) if counts else {}


def is_finite(name: str) -> Column:
    """Whether a column of doubles has a number in a row."""
    value = column(name)
    return value.isNotNull() & ~F.isnan(value) & (F.abs(value) < float("inf"))


def truth(values: Matrix, source: str, are_rows: bool = True) -> np.ndarray:
    """Labels as booleans: 1 is an outlier; 0, or -1 in its place, is none. Without `are_rows` they are only some.

    Raises:
        JobError: something is neither, one of the two is missing, or -1 seems to mark the outliers.
    """
    labels = values.ravel()
    if labels.size == 0:
        raise JobError(f"{source}: no labels of 0 and 1 (1 for an outlier).")
    if strange := [(at, label) for at, label in enumerate(labels, start=1) if label not in (0.0, 1.0, -1.0)]:
        at, label = strange[0]
        which, told = f"that of row {at}" if are_rows else "one", "none" if np.isnan(label) else f"{label:g}"
        raise JobError(
            f"{source}: labels must be 0 or 1 (1 for an outlier), -1 and 1, true and false, or yes and no;"
            f" {which} is {told}."
        )
    if labels.min() == labels.max():
        raise JobError(f"{source}: every label is {labels[0]:.0f}; an F1 needs rows of both kinds.")
    if are_rows and labels.min() < 0 and (labels == 1.0).mean() > 0.5:
        raise JobError(
            f"{source}: most labels are 1 and the others -1, as where -1 marks the outliers. Write 1 for an outlier and"
            " 0 for any other row."
        )
    return np.asarray(labels == 1.0)
