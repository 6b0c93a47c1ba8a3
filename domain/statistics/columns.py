"""Counts of a column in one part of a table, and the counts of all parts put together.

Everything here is the same for any cut of the table into parts; means and standard deviations up to rounding. Missing
is a null, and a NaN among numbers. The numbers of a text are its lengths in characters, those of a list its lengths,
those of a time are seconds since 1970 in UTC, counted by days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from domain.statistics import moments
from domain.statistics.bins import DENSE, Counts, bin_of
from domain.statistics.distinct import Distinct
from domain.statistics.moments import Moments

FEW = 200  # different values that are counted one by one
SAMPLE = 10_000  # rows from which one sees whether there are few
EXAMPLES = 3
DAY = 86_400


class Kind(StrEnum):
    """The kind of a column, by which it is counted."""

    NUMBER = "number"
    TIME = "time"
    TEXT = "text"
    LIST = "list"
    OTHER = "other"  # missing or not, and no more


@dataclass(frozen=True)
class ColumnPart:
    """Counts of a column in some rows of a table; `distinct` and `values` are None where the kind has none."""

    kind: Kind
    rows: int = 0
    missing: int = 0
    empty: int = 0  # texts of nothing but spaces, lists of no element
    infinite: int = 0  # not among the numbers that follow
    low: float = np.inf
    high: float = -np.inf
    moments: Moments = field(default_factory=lambda: Moments.none(1))
    bins: Counts | None = None  # of days for a time
    distinct: Distinct | None = None
    values: dict[Any, int] | None = None  # rows by value, where there are at most FEW
    orphans: int = 0  # values that are not among those of the column that this one refers to
    examples: tuple[Any, ...] = ()  # the least of the orphans


def kind_of(type_: pa.DataType) -> Kind:
    """The kind of a column of this Arrow type."""
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return Kind.NUMBER
    if pa.types.is_boolean(type_):
        return Kind.NUMBER
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return Kind.TIME
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return Kind.TEXT
    return Kind.LIST if pa.types.is_list(type_) else Kind.OTHER


def part_of(column: pa.Array, parents: pa.Array | None = None) -> ColumnPart:
    """The counts of some rows; `parents` are the values that the column may refer to."""
    kind, rows = kind_of(column.type), len(column)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    present = column.drop_null()
    if kind is Kind.OTHER or len(present) == 0:
        return ColumnPart(kind, rows, rows - len(present))
    values, times = _different(present)
    numbers = _numbers(values, kind)
    is_finite = np.isfinite(numbers)
    finite, finite_times = numbers[is_finite], times[is_finite]
    distinct = None if kind is Kind.LIST else Distinct.of(hashes(values))
    few = distinct is not None and distinct.is_exact and distinct.count <= FEW
    orphans = _orphans(values, parents)
    return ColumnPart(
        kind,
        rows,
        missing=rows - len(present),
        empty=int(times[_empty(values, numbers, kind)].sum()),
        infinite=len(present) - int(finite_times.sum()),
        low=float(finite.min(initial=np.inf)),
        high=float(finite.max(initial=-np.inf)),
        moments=Moments.of(finite.reshape(-1, 1), finite_times),
        bins=_bins(finite, finite_times, kind),
        distinct=distinct,
        values=_tally(values, times) if few else None,
        orphans=int(times[orphans].sum()),
        examples=tuple(sorted(set(values.filter(pa.array(orphans)).to_pylist()))[:EXAMPLES]),
    )


def merged(parts: Sequence[ColumnPart]) -> ColumnPart:
    """The counts of all parts, one or more."""
    filled = [part for part in parts if part.missing < part.rows]
    if not filled:
        return ColumnPart(parts[0].kind, sum(part.rows for part in parts), sum(part.missing for part in parts))
    return ColumnPart(
        parts[0].kind,
        **{name: sum(getattr(part, name) for part in parts) for name in ADDED},
        low=min(part.low for part in parts),
        high=max(part.high for part in parts),
        moments=moments.merge_all([part.moments for part in parts]),
        bins=_merged_bins(filled),
        distinct=_merged_distinct(filled),
        values=_merged_values(filled),
        examples=tuple(sorted({example for part in filled for example in part.examples})[:EXAMPLES]),
    )


ADDED = ("rows", "missing", "empty", "infinite", "orphans")


def _different(present: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Values that stand for all of one or more rows, and how many rows each stands for.

    All that follows is then counted of fewer values. Where finding equal ones takes longer than it saves, every row
    stands for itself.
    """
    if pa.types.is_integer(present.type):
        numbers = present.to_numpy()
        low, high = int(numbers.min()), int(numbers.max())
        if high - low < DENSE * len(numbers):
            times = np.bincount(numbers.astype(np.int64) - low)
            occurring = np.flatnonzero(times)
            return pa.array(occurring + low, present.type), times[occurring]
    few = not pa.types.is_nested(present.type) and len(present[:SAMPLE].unique()) <= FEW
    return _by_dictionary(present) if few or pa.types.is_string(present.type) else (present, np.ones(len(present), int))


def _by_dictionary(present: pa.Array, times: np.ndarray | None = None) -> tuple[pa.Array, np.ndarray]:
    """Each value once, and its rows: one, or `times`, for each place where it stands."""
    encoded = present.dictionary_encode()
    return encoded.dictionary, np.bincount(encoded.indices.to_numpy(), times).astype(np.int64)


def hashes(present: pa.Array) -> np.ndarray:
    """64-bit hashes of the values of a column without nulls; equal values have equal ones."""
    if kind_of(present.type) is Kind.TEXT:
        encoded = present.dictionary_encode()
        of_texts = pd.util.hash_array(encoded.dictionary.to_numpy(zero_copy_only=False), categorize=False)
        return np.asarray(of_texts[encoded.indices.to_numpy()])
    return np.asarray(pd.util.hash_array(_plain(present), categorize=False))


def _plain(present: pa.Array) -> np.ndarray:
    """The values as NumPy's numbers."""
    type_ = present.type
    if pa.types.is_timestamp(type_):
        present = present.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    elif pa.types.is_date(type_):
        present = present.cast(pa.date32()).cast(pa.int32())
    elif pa.types.is_decimal(type_):
        present = present.cast(pa.float64())
    elif pa.types.is_boolean(type_):
        present = present.cast(pa.int8())
    values = present.to_numpy(zero_copy_only=False)
    return values + 0.0 if values.dtype.kind == "f" else values  # one zero


def _numbers(present: pa.Array, kind: Kind) -> np.ndarray:
    if kind is Kind.TEXT:
        present = pc.utf8_length(present)
    elif kind is Kind.LIST:
        present = pc.list_value_length(present)
    elif kind is Kind.TIME:
        return _plain(present) * (float(DAY) if pa.types.is_date(present.type) else 1e-6)
    return _plain(present).astype(np.float64)


def _empty(values: pa.Array, numbers: np.ndarray, kind: Kind) -> np.ndarray:
    """Whether each value is an empty text or list."""
    if kind is Kind.TEXT:
        trimmed = pc.utf8_trim_whitespace(values)
        return np.asarray(pc.equal(pc.utf8_length(trimmed), 0).to_numpy(zero_copy_only=False))
    return numbers == 0 if kind is Kind.LIST else np.zeros(len(numbers), bool)


def _bins(finite: np.ndarray, times: np.ndarray, kind: Kind) -> Counts | None:
    if len(finite) == 0:
        return None
    return Counts.of(np.floor(finite / DAY).astype(np.int64) if kind is Kind.TIME else bin_of(finite), times)


def _tally(values: pa.Array, times: np.ndarray) -> dict[Any, int]:
    """Rows by value, of FEW different ones."""
    each, rows = _by_dictionary(values, times)
    return _summed(zip(each.to_pylist(), rows.tolist(), strict=True))


def _summed(counts: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    total: dict[Any, int] = {}
    for value, rows in counts:
        total[value] = total.get(value, 0) + rows  # 0.0 and -0.0 are two for Arrow
    return total


def _orphans(values: pa.Array, parents: pa.Array | None) -> np.ndarray:
    """Whether each value is missing among `parents`."""
    if parents is None:
        return np.zeros(len(values), bool)
    known = pc.is_in(values, value_set=parents.cast(values.type))
    return ~np.asarray(known.to_numpy(zero_copy_only=False))


def _merged_bins(parts: list[ColumnPart]) -> Counts | None:
    bins = [part.bins for part in parts if part.bins is not None]
    return Counts.merged(bins) if bins else None


def _merged_distinct(parts: list[ColumnPart]) -> Distinct | None:
    sketches = [part.distinct for part in parts if part.distinct is not None]
    return Distinct.merged(sketches) if sketches else None


def _merged_values(parts: list[ColumnPart]) -> dict[Any, int] | None:
    """The counts by value; None as soon as one part has too many values, as then so has the whole."""
    tallies = [part.values for part in parts]
    if None in tallies:
        return None
    total = _summed(pair for tally in tallies if tally is not None for pair in tally.items())
    return total if len(total) <= FEW else None
