"""Where Spark cuts the lineage of iterations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession


@contextmanager
def checkpoints(spark: SparkSession, folder: Path) -> Iterator[None]:
    """Without this directory MLlib silently never checkpoints, and its lineage grows with every iteration."""
    spark.sparkContext.setCheckpointDir(str(folder))
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
