"""The arrays of a published model as rows of a table, which tasks make of the broadcast model.

The driver need not hold them a second time, nor send them through its connection to the tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame, SparkSession

from domain.models.settings import SHRINKAGE
from domain.serving.arrays import Part, to_parts
from spark_jobs.models.transforms.recommendations import Learned

ROWS = "name string, part int, data binary"
A_TASK = 32  # parts; 16 MB, which a reader of Parquet holds twice


def model_parts(spark: SparkSession, model: Broadcast[Learned], count: int) -> DataFrame:
    """The rows of model_parts_by_run without run_id; `count` is how many `parts_of` the model there are."""

    def tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        parts = parts_of(model.value)
        for batch in batches:
            for at in batch["id"].to_pylist():
                yield _row(parts[at])

    return spark.range(0, count, 1, -(-count // A_TASK)).mapInArrow(tasks, ROWS)


def parts_of(model: Learned) -> list[Part]:
    """All parts of the model: mostly views of its arrays."""
    return to_parts(arrays_of(model), _settings(model))


def arrays_of(model: Learned) -> dict[str, NDArray[Any]]:
    """The model's arrays by name, as the site reads them: positions are of `ids`, those of neighbours of `head`."""
    ranking, stars = model.ranking, model.stars
    arrays: dict[str, tuple[NDArray[Any], type[np.number]]] = {
        "ids": (model.ids, np.int32),
        "factors": (ranking.factors, np.float32),
        "raters": (ranking.raters, np.float32),  # whole numbers up to 16 million
        "head": (ranking.head, np.int32),
        "columns": (ranking.columns, np.int32),
        "weights": (ranking.weights, np.float32),
        "star_biases": (stars.biases, np.float32),
        "star_factors": (stars.factors, np.float32),
        "near_offsets": (stars.near.offsets, np.int64),
        "near_positions": (stars.near.positions, np.int32),
        "near_similar": (stars.near.similar, np.float32),
    }
    return {name: array.astype(dtype, copy=False) for name, (array, dtype) in arrays.items()}


def _settings(model: Learned) -> dict[str, Any]:
    scale = model.scale
    return {
        "ranking": asdict(model.als),
        "blend": asdict(model.ranking.blend),
        "mean_rating": float(model.stars.mean),
        "scale": [scale.lowest, scale.highest, scale.step],
        "stars": asdict(model.star_als),
        "bias_shrinkage": SHRINKAGE,
        "near": asdict(model.stars.settings),
        "star_weights": asdict(model.stars.weights),
    }


def _row(part: Part) -> pa.RecordBatch:
    columns = [pa.array([part.name]), pa.array([part.part], pa.int32()), pa.array([part.data], pa.binary())]
    return pa.record_batch(columns, ["name", "part", "data"])
