"""Columns of lists in an Arrow batch as arrays, and back; what is imported here, every task that uses them imports."""

from __future__ import annotations

from collections.abc import Mapping

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


def in_blocks(rows: pa.Table, group: str, order: NDArray[np.intp], size: int, columns: Mapping[str, str]) -> pa.Table:
    """`rows` as lists: the group, its `block` 0, 1, … and in it the next `size` of its rows at most.

    Args:
        order: of the rows, those of a group side by side.
        columns: the names of the lists, and the column that each is of.
    """
    groups = rows[group].take(order).combine_chunks()
    place = places(groups.dictionary_encode().indices.to_numpy())
    firsts = np.flatnonzero(place % size == 0)
    ends = pa.array(np.append(firsts, len(order)), pa.int32())
    lists_of = {
        name: pa.ListArray.from_arrays(ends, rows[column].take(order).combine_chunks())
        for name, column in columns.items()
    }
    return pa.table({group: groups.take(firsts), "block": (place[firsts] // size).astype(np.int32), **lists_of})
