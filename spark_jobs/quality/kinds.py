"""Types of columns of text, by all that is written in them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.frames import written
from spark_jobs.outliers.text_tables import TextTable

INT = (-(2**31), 2**31 - 1)
DATE = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}"  # a time begins with it; other forms may be anything


class Kind(StrEnum):
    """The type of a column, as Spark calls it."""

    INT = "int"
    LONG = "bigint"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    TEXT = "string"


def typed_columns(table: TextTable) -> DataFrame:
    """The columns of a text table with the types that all of their values have; reads it once."""
    names = table.form.names
    tests = {(at, kind): _fits(table, name)[kind] for at, name in enumerate(names) for kind in _fits(table, name)}
    there = [F.count_if(~written.is_missing(table.cell(name))) for name in names]
    # min of true and false is false where one does not fit; null where there is no value
    every = [F.coalesce(F.min(test), F.lit(True)) for test in tests.values()]
    counted = table.frame.agg(F.array(*there).alias("there"), F.array(*every).alias("fits")).collect()[0]
    fits = dict(zip(tests, counted["fits"], strict=True))
    kinds = [
        next((kind for kind in Kind if counted["there"][at] and fits.get((at, kind))), Kind.TEXT)
        for at in range(len(names))
    ]
    return table.frame.select(*[_read(table, name, kind).alias(name) for name, kind in zip(names, kinds, strict=True)])


def _fits(table: TextTable, name: str) -> dict[Kind, Column]:
    """For each type whether a value has it; null for one that is missing."""
    text, number = table.cell(name), table.number(name)
    whole, is_there = table.whole(name), ~written.is_missing(text)
    tests = {
        Kind.INT: F.coalesce(whole.between(*INT), F.lit(False)),
        Kind.LONG: whole.isNotNull(),
        Kind.DOUBLE: number.isNotNull() & F.lit(name not in table.form.truths),
        Kind.BOOLEAN: written.truth(text).isNotNull(),
        Kind.TIMESTAMP: text.rlike(DATE) & written.seconds(text).isNotNull(),
    }
    return {kind: F.when(is_there, test) for kind, test in tests.items()}


def _read(table: TextTable, name: str, kind: Kind) -> Column:
    text = table.cell(name)
    read: dict[Kind, Callable[[], Column]] = {
        Kind.DOUBLE: lambda: table.number(name),
        Kind.BOOLEAN: lambda: written.truth(text),
        Kind.TIMESTAMP: lambda: written.seconds(text).cast("timestamp"),
        Kind.TEXT: lambda: F.nullif(text, F.lit("")),
    }
    return read[kind]() if kind in read else table.whole(name).cast(str(kind))
