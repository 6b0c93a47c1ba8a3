"""Columns of lists in an Arrow batch as arrays, and back; what is imported here, every task that uses them imports."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def flat(column: pa.ListArray) -> NDArray:
    """The values of all lists, one after the other."""
    return column.flatten().to_numpy(zero_copy_only=False)


def owners(column: pa.ListArray) -> NDArray[np.intp]:
    """For each value of `flat` the row that its list is in."""
    return np.repeat(np.arange(len(column)), column.value_lengths().to_numpy(zero_copy_only=False))


def matrix(column: pa.ListArray) -> NDArray[np.float32]:
    """Lists of one length as the rows of a matrix."""
    return flat(column).astype(np.float32).reshape(len(column), -1)


def lists(values: NDArray, kept: NDArray[np.bool_]) -> pa.ListArray:
    """Rows of a matrix as lists, without the values that are not kept."""
    ends = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(ends, pa.array(values[kept]))


def places(groups: NDArray[np.integer]) -> NDArray[np.intp]:
    """For each of `groups`, equal ones side by side, how many equal ones are before it."""
    rows = np.arange(len(groups))
    begins = np.append(True, groups[1:] != groups[:-1])[: len(groups)]
    return rows - np.maximum.accumulate(np.where(begins, rows, 0))
