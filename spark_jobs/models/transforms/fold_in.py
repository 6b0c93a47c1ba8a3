"""Factors of users whom the training did not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame

from spark_jobs.models.transforms.topn import Items

Solve = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float64]]


def folded_in(histories: DataFrame, items: Broadcast[Items], solve: Solve) -> DataFrame:
    """user_id, factors of each user who rated a known item.

    Args:
        histories: user_id, rated_ids, ratings: evidence or residuals, whatever `solve` takes.
        solve: from the rated items' factors (n × rank) and the n values to the user's (rank); see domain.serving.
    """

    def fold(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            users, factors = [], []
            for row in batch.to_pylist():
                positions, known = items.value.positions(np.array(row["rated_ids"], np.int32))
                if known.any():
                    users.append(row["user_id"])
                    values = np.array(row["ratings"], np.float32)[known]
                    factors.append(solve(items.value.factors[positions[known]], values).astype(np.float32))
            columns = [pa.array(users, pa.int32()), pa.array(factors, pa.list_(pa.float32()))]
            yield pa.record_batch(columns, ["user_id", "factors"])

    return histories.select("user_id", "rated_ids", "ratings").mapInArrow(fold, "user_id int, factors array<float>")
