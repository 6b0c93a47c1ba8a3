"""Distances equal SciPy's, verdicts follow the usual levels, the real data drift as published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

from domain.contract.lights import Light
from domain.statistics import drift
from domain.statistics.drift import FLOOR

STARS = np.arange(1, 11) / 2


def counts(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 400, len(STARS))


@pytest.mark.parametrize("seed", range(5))
def test_distances_equal_scipy(seed: int) -> None:
    reference, recent = counts(seed), counts(seed + 100)
    found = drift.distance(reference, recent, STARS)
    one, other = np.repeat(STARS, reference), np.repeat(STARS, recent)
    p, q = reference / reference.sum(), recent / recent.sum()
    assert found.js == pytest.approx(jensenshannon(p, q, base=2), abs=1e-12)
    assert found.ks == pytest.approx(ks_2samp(one, other).statistic, abs=1e-12)
    assert found.wasserstein == pytest.approx(wasserstein_distance(one, other) / one.std(ddof=1), rel=1e-10)
    assert found.psi == pytest.approx(((q - p) * np.log(q / p)).sum(), rel=1e-12)
    assert drift.mean(reference, STARS) == pytest.approx(one.mean())
    assert drift.spread(reference, STARS) == pytest.approx(one.std(ddof=1))


def test_the_same_distribution_is_at_distance_zero_whatever_its_size() -> None:
    found = drift.distance(counts(1), 7 * counts(1), STARS)
    assert (found.psi, found.js, found.ks, found.wasserstein) == pytest.approx((0, 0, 0, 0), abs=1e-7)
    assert found.verdict is Light.GOOD


def test_a_category_that_appears_counts_as_the_floor_before() -> None:
    found = drift.distance([100, 0], [50, 50])
    assert found.psi == pytest.approx(-0.5 * np.log(0.5) + (0.5 - FLOOR) * np.log(0.5 / FLOOR))
    assert found.verdict is Light.ACT
    assert (found.ks, found.wasserstein) == (None, None)


def test_verdicts_follow_the_levels() -> None:
    assert drift.Distance(psi=0.24, js=0.0).verdict is Light.WATCH
    assert drift.Distance(psi=0.25, js=0.0).verdict is Light.ACT
    assert drift.Distance(psi=0.05, js=0.1).verdict is Light.WATCH
    assert drift.Distance(psi=0.05, js=0.05, ks=0.9, wasserstein=0.05).verdict is Light.GOOD
    assert [drift.of_share(share) for share in (0.09, 0.1, 0.25)] == [Light.GOOD, Light.WATCH, Light.ACT]


def test_nothing_has_no_distribution() -> None:
    with pytest.raises(ValueError, match="no counts"):
        drift.distance([0, 0], [1, 2])


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("share", "expected", "verdict"),
    [
        (0.5, (3.4916, 3.5115, 1.0432, 1.0418, 0.2838, 0.2237, 0.0712, 0.1115), Light.ACT),
        (0.8, (3.5085, 3.4739, 1.0333, 1.0782, 0.0833, 0.1220, 0.0430, 0.0632), Light.WATCH),
    ],
)
def test_the_real_ratings_drift_as_known(
    movielens_small: Path, share: float, expected: tuple[float, ...], verdict: Light
) -> None:
    ratings = pd.read_csv(movielens_small / "ratings.csv").sort_values(["timestamp", "userId", "movieId"])
    cut = int(share * len(ratings))
    sides = [
        part["rating"].value_counts().reindex(STARS, fill_value=0).to_numpy()
        for part in (ratings.iloc[:cut], ratings.iloc[cut:])
    ]
    found = drift.distance(*sides, STARS)
    figures = [*(drift.mean(side, STARS) for side in sides), *(drift.spread(side, STARS) for side in sides)]
    figures += [found.psi, found.js, found.ks or 0.0, found.wasserstein or 0.0]
    assert [round(figure, 4) for figure in figures] == pytest.approx(expected, abs=1e-9)
    assert found.verdict is verdict
