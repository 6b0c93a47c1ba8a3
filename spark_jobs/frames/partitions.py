"""How many parts a shuffle has."""

from __future__ import annotations

from pyspark.sql import SparkSession

ROWS_PER_PARTITION = 500_000  # of ratings: about 60 MB in a shuffle, 3 MB of Parquet


def fit_shuffles(spark: SparkSession, rows: int) -> None:
    """Spark's 200 partitions are one task for every 500 rows of the small data set: a minute of starting tasks."""
    partitions = max(spark.sparkContext.defaultParallelism, 1 + rows // ROWS_PER_PARTITION)
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
