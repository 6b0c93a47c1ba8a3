"""The band of a figure's history."""

from __future__ import annotations

import numpy as np
import pytest

from domain.statistics.trend import Band


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
