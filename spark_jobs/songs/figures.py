"""The small tables that /songs draws, as JSON."""

from __future__ import annotations

import json

from pyspark.sql import DataFrame, SparkSession


def figure_rows(spark: SparkSession, figures: dict[str, DataFrame]) -> DataFrame:
    """The rows of play_figures_by_run: each frame, of at most some thousand rows, as an object of columns."""
    rows = [(name, json.dumps(_columns(frame), ensure_ascii=False)) for name, frame in figures.items()]
    return spark.createDataFrame(rows, "name string, data string")


def _columns(frame: DataFrame) -> dict[str, list[object]]:
    rows = frame.collect()
    return {name: [row[name] for row in rows] for name in frame.columns}
