"""Folders of Parquet that jobs read."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source


def test_a_source_that_is_not_there_is_named(spark: SparkSession, tmp_path: Path) -> None:
    source = Source(tmp_path / "nowhere")
    for ask in (partial(source.read, spark), source.count, partial(source.head, 1, ["n"])):
        with pytest.raises(JobError, match="nowhere: no such folder"):
            ask()


@pytest.mark.parametrize("by", [[], ["part"]])
def test_files_say_how_many_rows_a_folder_has(spark: SparkSession, tmp_path: Path, by: list[str]) -> None:
    source = Source(tmp_path / ".staged" / "rows")
    frame = spark.range(10).selectExpr("id", "id % 3 AS part").repartition(4)
    frame.write.partitionBy(*by).parquet(str(source.path))
    assert source.count() == source.read(spark).count() == 10
    found = source.head(7, ["id"])
    assert len({row["id"] for row in found}) == 7 and all(row.keys() == {"id"} for row in found)
    assert len(source.head(100, ["id"])) == 10
