"""Sketches of a column: the same for any cut into parts, and what NumPy finds in all the values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statistics import bins
from domain.statistics.bins import Counts
from domain.statistics.distinct import KEPT, Distinct
from domain.statistics.trend import Band

RANDOM = np.random.default_rng(3)
COLUMNS = {
    "ids": RANDOM.integers(1, 400_000, 20_000).astype(float),
    "halves": RANDOM.integers(1, 11, 5_000) / 2,
    "normal": RANDOM.normal(0, 5, 20_000),
    "wide": np.exp(RANDOM.normal(0, 20, 5_000)) * RANDOM.choice([-1, 1], 5_000),
    "one value": np.full(100, 7.25),
    "zeros": np.array([0.0, -0.0, 1.0]),
}
SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def cut(values: np.ndarray, parts: int) -> list[np.ndarray]:
    return [part for part in np.array_split(values, parts) if len(part)]


@pytest.mark.parametrize("parts", [1, 3, 17])
@pytest.mark.parametrize("name", COLUMNS)
def test_quantiles_are_numpys_rounded_down_by_less_than_a_bin(name: str, parts: int) -> None:
    values = COLUMNS[name]
    counts = Counts.merged(Counts.of(bins.bin_of(part)) for part in cut(values, parts))
    found = counts.quantile_bins(SHARES)
    true = np.quantile(values, SHARES, method="inverted_cdf")
    assert (bins.lower_edge(found) <= true).all()
    assert (true < bins.lower_edge(found + 1)).all()
    assert counts.counts.sum() == len(values)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_value_may_stand_for_several(name: str) -> None:
    values = COLUMNS[name]
    times = np.arange(len(values)) % 5 + 1
    once = Counts.of(bins.bin_of(values), times)
    repeated = Counts.of(bins.bin_of(np.repeat(values, times)))
    assert once.bins.tolist() == repeated.bins.tolist()
    assert once.counts.tolist() == repeated.counts.tolist()


@pytest.mark.parametrize("name", COLUMNS)
def test_histograms_are_numpys(name: str) -> None:
    edges, counts = bins.histogram(Counts.of(bins.bin_of(COLUMNS[name])), 20)
    assert len(edges) <= 21
    assert counts.tolist() == np.histogram(COLUMNS[name], edges)[0].tolist()
    assert counts.sum() == len(COLUMNS[name])


@pytest.mark.parametrize(("low", "high"), [(0, 10), (1, 19), (1, 20), (1, 21), (1887, 2026), (0, 8192)])
def test_bars_of_whole_numbers_are_equally_wide(low: int, high: int) -> None:
    values = np.arange(low, high + 1.0)
    edges, counts = bins.histogram(Counts.of(bins.bin_of(values)), 20)
    widths = set(np.diff(edges))
    assert len(widths) == 1
    assert widths.pop() == np.ceil((high + 1 - low) / 20)
    assert counts.sum() == len(values)
    assert len(counts) <= 20


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=2, max_size=50))
def test_a_larger_value_never_has_a_smaller_bin_and_no_value_lies_outside_its_bin(values: list[float]) -> None:
    rising = np.sort(np.array(values))
    found = bins.bin_of(rising)
    assert (np.diff(found) >= 0).all()
    assert (bins.lower_edge(found) <= rising).all()


def test_halves_and_small_whole_numbers_are_exact() -> None:
    values = np.concatenate([np.arange(8193) / 2, np.arange(8193.0)])
    assert bins.lower_edge(bins.bin_of(values)).tolist() == values.tolist()


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


def test_a_figure_outside_three_standard_deviations_leaves_its_band() -> None:
    history = [10.0, 11.0, 9.0, 10.0, 10.0]
    band = Band.of(history, 3)
    reach = 3 * np.std(history, ddof=1)
    assert (band.low, band.high) == pytest.approx((10 - reach, 10 + reach))
    assert band.has(10 + 0.99 * reach)
    assert not band.has(10 + 1.01 * reach)


def test_a_constant_lets_only_itself_through_but_for_rounding() -> None:
    band = Band.of([0.1 + 0.2, 0.3, 0.3], 3)
    assert band.has(0.3)
    assert not band.has(0.31)
    assert Band.of([0.0, 0.0], 3).has(0.0)
    assert not Band.of([0.0, 0.0], 3).has(1e-6)
