"""How many parts a shuffle and a file have, for as long as a block lasts.

Frames are lazy: what is read or shuffled in such a block has to be acted on in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from pyspark.sql import SparkSession

ROWS_PER_PARTITION = 500_000  # of ratings: about 60 MB in a shuffle, 3 MB of Parquet


def fitted_shuffles(spark: SparkSession, rows: int) -> AbstractContextManager[None]:
    """Give shuffles as many partitions as suit so many rows, at least one for each core.

    Spark's 200 partitions are one task for every 500 rows of the small data set: a minute of starting tasks.
    """
    partitions = max(spark.sparkContext.defaultParallelism, 1 + rows // ROWS_PER_PARTITION)
    return _configured(spark, {"spark.sql.shuffle.partitions": partitions})


def fixed_splits(spark: SparkSession) -> AbstractContextManager[None]:
    """Give a file the same splits each time it is read, however many executors there are by then."""
    return _configured(spark, {"spark.sql.files.minPartitionNum": spark.sparkContext.defaultParallelism})


@contextmanager
def _configured(spark: SparkSession, settings: Mapping[str, int]) -> Iterator[None]:
    before = {name: spark.conf.get(name, None) for name in settings}
    for name, value in settings.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, earlier in before.items():
            if earlier is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, earlier)
