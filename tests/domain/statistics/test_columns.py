"""Counts of a column are those of pandas, however its values are brought together before they are counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from domain.statistics.columns import ColumnPart, merged, part_of

RANDOM = np.random.default_rng(4)
ROWS = 30_000
COLUMNS = {
    "dense whole numbers": pa.array(RANDOM.integers(-50, 5_000, ROWS).astype(np.int32)),
    "whole numbers far apart": pa.array(RANDOM.integers(-(2**62), 2**62, ROWS)),
    "the widest whole numbers": pa.array([-(2**63), 2**63 - 1, None]),
    "few numbers": pa.array(RANDOM.choice([0.5, -0.0, 0.0, np.inf, np.nan], ROWS)),
    "many numbers": pa.array(RANDOM.lognormal(size=ROWS)),
    "few at first": pa.array(np.r_[np.ones(20_000), RANDOM.normal(size=ROWS)]),
    "truths": pa.array([True, False, None, True]),
    "texts": pa.array(RANDOM.choice(["", " ", "né", "Ω 😀"], ROWS)),
}


def halves(column: pa.Array) -> ColumnPart:
    middle = len(column) // 2
    return merged([part_of(column[:middle]), part_of(column[middle:])])


@pytest.mark.parametrize("count", [part_of, halves], ids=["whole", "halves"])
@pytest.mark.parametrize("name", COLUMNS)
def test_counts_are_those_of_pandas(name: str, count) -> None:
    column = COLUMNS[name]
    part, values = count(column), pd.Series(column.to_pylist(), dtype=object)
    present = values[values.notna()]
    assert (part.rows, part.missing) == (len(values), values.isna().sum())
    numbers = present.map(len) if name == "texts" else present.astype(float)
    finite = numbers[np.isfinite(numbers)]
    assert part.infinite == len(numbers) - len(finite)
    assert (part.low, part.high) == (finite.min(), finite.max())
    assert part.moments.count == len(finite)
    assert part.moments.mean[0] == pytest.approx(finite.mean(), rel=1e-12, abs=1e-300)
    assert part.bins is not None and part.bins.counts.sum() == len(finite)
    assert part.distinct is not None and part.distinct.count == pytest.approx(present.nunique(), rel=0.05)
    if part.values is not None:
        assert part.values == present.value_counts().to_dict()
    assert (part.values is not None) == (present.nunique() <= 200)
    assert part.empty == (present.str.strip().eq("").sum() if name == "texts" else 0)


def test_values_without_a_parent_are_counted_by_row() -> None:
    part = part_of(pa.array([1, 1, 2, 9, 9, None, 8]), pa.array([1, 2]))
    assert (part.orphans, part.examples) == (3, (8, 9))
