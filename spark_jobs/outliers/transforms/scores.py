"""Statistics and scores of a numeric table, by tasks that see each row once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame
from threadpoolctl import threadpool_limits

from domain.statistics.feature_scales import Scale, rescaled
from domain.statistics.moments import Matrix, Moments, Vector, merge
from spark_jobs.frames.columns import Batches, column, mapped, quoted

PARTIAL = "part int, count long, incomplete long, outside long, mean array<double>, comoments array<double>"


class Detector(Protocol):
    """A model that says how usual rows are."""

    def score(self, rows: Matrix) -> Vector:
        """The higher, the more usual; rows × d raw values."""

    def contributions(self, rows: Matrix) -> Matrix:
        """Contribution of each raw value to its row's being unusual, rows × d."""


def numbers(batch: pa.RecordBatch, features: Sequence[str]) -> Matrix:
    """rows × d values of some columns of doubles; null is nan."""
    columns = [batch.column(name).to_numpy(zero_copy_only=False) for name in features]
    return np.column_stack(columns) if columns else np.empty((batch.num_rows, 0))


def partial_moments(rows: DataFrame, features: Sequence[str], scales: tuple[Scale, ...], origin: Vector) -> DataFrame:
    """One row a partition, see PARTIAL: moments of its complete rows from `origin` (on the scales), and rows left out.

    Incomplete is a row with a missing or infinite value, outside one with a value for which its scale is not defined.
    """

    def summed(batches: Batches) -> Iterator[pa.RecordBatch]:
        moments, incomplete, outside = Moments.none(len(features)), 0, 0
        for batch in batches:
            raw = numbers(batch, features)
            complete = raw[np.isfinite(raw).all(axis=1)]
            values = rescaled(complete, scales)
            defined = np.isfinite(values).all(axis=1)
            moments = merge(moments, Moments.of(values[defined] - origin))
            incomplete += len(raw) - len(complete)
            outside += int((~defined).sum())
        yield _partial(moments, incomplete, outside)

    return mapped(rows.select(*map(column, features)), summed, PARTIAL)


def _partial(moments: Moments, incomplete: int, outside: int) -> pa.RecordBatch:
    context = TaskContext.get()
    assert context is not None
    values = [context.partitionId(), moments.count, incomplete, outside]
    arrays = [pa.array([value], pa.int32() if place == 0 else pa.int64()) for place, value in enumerate(values)]
    doubles = pa.list_(pa.float64())
    arrays += [pa.array([moments.mean.tolist()], doubles), pa.array([moments.comoments.ravel().tolist()], doubles)]
    return pa.RecordBatch.from_arrays(arrays, names=[part.split()[0] for part in PARTIAL.split(", ")])


def scored(rows: DataFrame, features: Sequence[str], detector: Detector) -> DataFrame:
    """`rows` with `score`, null for an incomplete row."""
    return _with_column(rows, features, "score double", lambda raw: _scores(detector, raw))


def explained(rows: DataFrame, features: Sequence[str], detector: Detector) -> DataFrame:
    """`rows`, all complete, with `contributions` in the order of the features."""
    return _with_column(rows, features, "contributions array<double>", lambda raw: _contributions(detector, raw))


def _with_column(
    rows: DataFrame, features: Sequence[str], added: str, compute: Callable[[Matrix], pa.Array]
) -> DataFrame:
    name, kind = added.split()
    schema = ", ".join(f"{quoted(each)} {of_type}" for each, of_type in [*rows.dtypes, (name, kind)])

    def extended(batches: Batches) -> Iterator[pa.RecordBatch]:
        with threadpool_limits(limits=1):  # the tasks are the parallelism
            for batch in batches:
                yield pa.RecordBatch.from_arrays(
                    [*batch.columns, compute(numbers(batch, features))], names=[*batch.schema.names, name]
                )

    return mapped(rows, extended, schema)


def _scores(detector: Detector, raw: Matrix) -> pa.Array:
    scores = np.full(len(raw), np.nan)
    complete = np.isfinite(raw).all(axis=1)
    if complete.any():
        scores[complete] = detector.score(raw[complete])
    return pa.array(scores, mask=np.isnan(scores))


def _contributions(detector: Detector, raw: Matrix) -> pa.Array:
    if len(raw) == 0:
        return pa.array([], pa.list_(pa.float64()))
    return pa.array(detector.contributions(raw).tolist(), pa.list_(pa.float64()))
