"""Folders of Parquet that jobs read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce
from heapq import nsmallest
from operator import and_
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.dataset import dataset
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import spark_path


class Source:
    """A Parquet folder to read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, spark: SparkSession) -> DataFrame:
        """All rows of the folder.

        Raises:
            JobError: there is no such folder.
        """
        return spark.read.parquet(spark_path(self._there()))

    def count(self) -> int:
        """How many rows its files have, as they say themselves: Spark would start tasks to ask them.

        Raises:
            JobError: there is no such folder.
        """
        return int(dataset(self._there()).count_rows())

    def head(self, n: int, columns: Sequence[str]) -> list[dict[str, Any]]:
        """These columns of `n` rows of the folder, or of all that it has; without tasks, too.

        Raises:
            JobError: there is no such folder.
        """
        return list(dataset(self._there()).head(n, columns=list(columns), batch_size=n).to_pylist())

    def tally(self, *columns: str) -> Counter[tuple[Any, ...]]:
        """How many rows have each combination of values of the columns; read in batches, and without tasks, too.

        Raises:
            JobError: there is no such folder.
        """
        tally: Counter[tuple[Any, ...]] = Counter()
        for batch in dataset(self._there()).to_batches(columns=list(columns)):
            counted = pa.Table.from_batches([batch]).group_by(list(columns)).aggregate([([], "count_all")])
            for row in counted.to_pylist():
                tally[tuple(row[column] for column in columns)] += row["count_all"]
        return tally

    def first(self, n: int, columns: Sequence[str], **equal: Any) -> list[tuple[Any, ...]]:
        """The `columns` of the `n` rows that come first by them, of the rows with these values of other columns.

        Raises:
            JobError: there is no such folder.
        """
        wanted = reduce(and_, (pc.field(name) == value for name, value in equal.items()))
        batches = dataset(self._there()).to_batches(columns=list(columns), filter=wanted)
        return nsmallest(n, (tuple(row.values()) for batch in batches for row in batch.to_pylist()))

    def _there(self) -> Path:
        if not self.path.is_dir():
            raise JobError(f"{self.path}: no such folder. Run the job that writes it first (see docs/jobs).")
        return self.path

    def __str__(self) -> str:
        return str(self.path)
