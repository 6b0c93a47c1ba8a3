"""Counts in bins: the same for any cut into parts, and what NumPy finds in all the values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statistics import bins
from domain.statistics.bins import Counts

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
