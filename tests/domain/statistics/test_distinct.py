"""Different values, counted in parts of any size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from domain.statistics.distinct import KEPT, Distinct

RANDOM = np.random.default_rng(3)


def cut(values: np.ndarray, parts: int) -> list[np.ndarray]:
    return [part for part in np.array_split(values, parts) if len(part)]


@pytest.mark.parametrize("parts", [1, 4, 31])
@pytest.mark.parametrize(("different", "rows"), [(10, 50_000), (KEPT - 1, 40_000), (60_000, 200_000)])
def test_different_values_are_counted_exactly_or_within_four_standard_errors(
    different: int, rows: int, parts: int
) -> None:
    values = RANDOM.permutation(np.resize(np.arange(different), rows))
    hashes = pd.util.hash_array(values)
    whole = Distinct.of(hashes)
    merged = Distinct.merged(Distinct.of(part) for part in cut(hashes, parts))
    assert merged.lowest.tolist() == whole.lowest.tolist()
    assert merged.is_exact == (different < KEPT)
    if merged.is_exact:
        assert merged.count == different
    assert merged.count == pytest.approx(different, rel=4 / KEPT**0.5)
