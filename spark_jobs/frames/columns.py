"""Columns by the names that people gave them, whatever is in these: dots, backquotes, spaces, …"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

Batches = Iterable[pa.RecordBatch]


def quoted(name: str) -> str:
    """The name as Spark's expressions and schemas take it."""
    return "`" + name.replace("`", "``") + "`"


def column(name: str) -> Column:
    """The column of that name."""
    return F.col(quoted(name))


def mapped(
    rows: DataFrame, compute: Callable[[Batches], Iterator[pa.RecordBatch]], schema: StructType | str
) -> DataFrame:
    """`mapInArrow`, which by itself does not find columns with dots in their names."""
    names = rows.columns

    def named(batches: Batches) -> Iterator[pa.RecordBatch]:
        return compute(pa.RecordBatch.from_arrays(batch.columns, names=names) for batch in batches)

    return rows.toDF(*[f"c{at}" for at in range(len(names))]).mapInArrow(named, schema)
