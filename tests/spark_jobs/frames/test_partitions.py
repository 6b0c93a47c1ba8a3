"""Settings of the session that hold for a block."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from spark_jobs.frames.partitions import ROWS_PER_PARTITION, fitted_shuffles, fixed_splits

SHUFFLES, SPLITS = "spark.sql.shuffle.partitions", "spark.sql.files.minPartitionNum"


@pytest.mark.parametrize(("rows", "partitions"), [(0, 2), (10, 2), (9 * ROWS_PER_PARTITION, 10)])
def test_shuffles_have_a_part_for_each_core_and_half_a_million_rows(
    spark: SparkSession, rows: int, partitions: int
) -> None:
    with fitted_shuffles(spark, rows):
        assert spark.conf.get(SHUFFLES) == str(partitions)


def test_settings_are_as_before_after_the_block_and_after_an_error_in_it(spark: SparkSession) -> None:
    before = spark.conf.get(SHUFFLES), spark.conf.get(SPLITS, None)
    with pytest.raises(ValueError, match="in the block"), fitted_shuffles(spark, 0), fixed_splits(spark):
        assert (spark.conf.get(SHUFFLES), spark.conf.get(SPLITS)) == ("2", "2")
        raise ValueError("in the block")
    assert (spark.conf.get(SHUFFLES), spark.conf.get(SPLITS, None)) == before
