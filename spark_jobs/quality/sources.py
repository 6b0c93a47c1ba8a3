"""The tables that report_quality looks at: the cleaned data set, or any files that are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_type

from domain.cleaning.column_names import usable_names
from spark_jobs.frames import columns
from spark_jobs.outliers.text_tables import is_parquet, read_parquet, read_text_table
from spark_jobs.quality.kinds import typed_columns
from spark_jobs.quality.rules import ColumnRules, Rules
from spark_jobs.quality.scan import Key, Table, Wanted, parquet_files
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import CLEAN

MOST_PARENTS = 10_000_000  # values that a column may refer to: every task holds them, 40 MB of whole numbers


def cleaned(spark: SparkSession, paths: Paths) -> list[Table]:
    """The four tables of the cleaned data set.

    Raises:
        JobError: one is missing.
    """
    folders = {name: paths.clean / name for name in CLEAN}
    return [Table(name, Source(folder).read(spark), parquet_files(folder)) for name, folder in folders.items()]


def named(spark: SparkSession, places: Mapping[str, Path], work: Path) -> list[Table]:
    """Tables in files: Parquet, or text with a header, whose types are found by reading it once more.

    `work` is a folder of the run for plain copies, needed as long as the tables are.

    Raises:
        JobError: one is not there, or may be read in two ways.
    """
    return [_read(spark, name, path, work) for name, path in places.items()]


def _read(spark: SparkSession, name: str, path: Path, work: Path) -> Table:
    if not path.exists():
        raise JobError(f"{path}: no such file. Name table {name} as --table {name}=PATH of a CSV file or Parquet.")
    if is_parquet(path):
        return _of_parquet(spark, name, path)
    table = read_text_table(spark, path, work, header="yes")
    return Table(name, typed_columns(table))


def _of_parquet(spark: SparkSession, name: str, path: Path) -> Table:
    frame = read_parquet(spark, path)
    names = usable_names(frame.columns)
    files = parquet_files(path) if list(names) == frame.columns else ()
    return Table(name, frame.toDF(*names), files)


def wanted(table: Table, rules: Rules, others: Sequence[Table]) -> Wanted:
    """The counts that a table's rules need; a key of which a column is missing is left out.

    Raises:
        JobError: values that a column may have do not fit its type, or there are too many.
    """
    expected = rules.tables.get(table.name)
    names = tuple(table.frame.columns)
    if expected is None:
        return Wanted(names)
    key: Key = tuple(expected.key)
    keys = (key,) if key and set(key) <= set(names) else ()
    types = {field.name: field.dataType for field in table.frame.schema.fields}
    parents = {}
    for name, column in expected.columns.items():
        allowed = _allowed(rules.source, f"tables.{table.name}.columns.{name}", column, others)
        if allowed is not None and name in names:
            parents[name] = _cast(allowed, to_arrow_type(types[name]), f"{rules.source}: {table.name}.{name}")
    return Wanted(names, keys, parents)


def _allowed(source: str, place: str, column: ColumnRules, others: Sequence[Table]) -> pa.Array | None:
    """The values that a column may have; None where anything goes."""
    if column.values is not None:
        return pa.array(column.values)
    if column.references is None:
        return None
    name, parent_column = column.references.split(".", 1)
    parent = next((table for table in others if table.name == name and parent_column in table.frame.columns), None)
    if parent is None:
        there = ", ".join(table.name for table in others)
        raise JobError(f"{source}: {place}.references: {column.references} is not there; the tables are {there}.")
    return _values(parent, parent_column)


def _values(parent: Table, column: str) -> pa.Array:
    if parent.files:
        parts = [pq.read_table(file, columns=[column])[column] for file in parent.files]
        values = pa.chunked_array([chunk for part in parts for chunk in part.chunks]).unique().drop_null()
    else:
        rows = parent.frame.select(columns.column(column)).distinct().dropna().limit(MOST_PARENTS + 1).collect()
        values = pa.array([row[0] for row in rows])
    if len(values) > MOST_PARENTS:
        raise JobError(f"{parent.name}.{column} has more than {MOST_PARENTS:,} values: too many to refer to.")
    return values


def _cast(allowed: pa.Array, type_: pa.DataType, place: str) -> pa.Array:
    try:
        return allowed.cast(type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise JobError(f"{place}: is {type_}, which its values or references do not fit: {error}.") from error


def rejected(about: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Counts of the cleaning of a file, from dataset.json: lines, rejected, and how many for which reason."""
    counts = about.get("counts", {})
    if f"{name}.in" not in counts:
        return None
    prefix = f"{name}.rejected."
    reasons = {key.removeprefix(prefix): value for key, value in counts.items() if key.startswith(prefix)}
    return {"lines": counts[f"{name}.in"], "rejected": counts[f"{name}.rejected"], "reasons": reasons}
