"""The users' part of the generated sample, made by all tasks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import pandas as pd
from pyspark.broadcast import Broadcast
from pyspark.sql import DataFrame, SparkSession

from domain.generators.movielens import Sample, user_lines


def user_blocks(spark: SparkSession, sample: Sample, partitions: int) -> DataFrame:
    """The text of the users' lines: `file` (a key of `user_lines`), `value` (its lines, the last without an end).

    One row for each file in each partition, users rising through the partitions. Rows of one file put together in
    that order are the same text for any number of partitions.
    """
    users = spark.range(1, len(sample.users) + 1, 1, partitions)
    return users.mapInPandas(_blocks_of(spark.sparkContext.broadcast(sample)), "file string, value string")


def _blocks_of(sample: Broadcast[Sample]) -> Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]:
    def blocks(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        lines: dict[str, list[str]] = {}
        for user in chain.from_iterable(batch["id"].tolist() for batch in batches):
            for file, more in user_lines(sample.value, user).items():
                lines.setdefault(file, []).extend(more)
        yield pd.DataFrame([(file, "\n".join(text)) for file, text in lines.items() if text], columns=["file", "value"])

    return blocks
