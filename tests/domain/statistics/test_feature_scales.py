"""Scales of skewed features against SciPy."""

from __future__ import annotations

import numpy as np
from scipy.special import boxcox

from domain.statistics.feature_scales import Kind, Scale, rescaled


def test_scales_are_their_formulas() -> None:
    values = np.array([0.5, 1.0, 20.0])
    kinds = [Scale(), Scale(Kind.LOG), Scale(Kind.LOG1P), Scale(Kind.BOX_COX, 0.3), Scale(Kind.BOX_COX, 0.0)]
    expected = [values, np.log(values), np.log1p(values), boxcox(values, 0.3), np.log(values)]
    for scale, wanted in zip(kinds, expected, strict=True):
        np.testing.assert_allclose(scale(values), wanted, rtol=1e-12)
        assert Scale.from_json(scale.as_json()) == scale
    assert not np.isfinite(rescaled(np.array([[-1.0, -1.0, 0.0]]), (kinds[1], kinds[3], kinds[4]))).any()
