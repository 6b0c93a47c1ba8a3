"""The movies that a generated user picks."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from domain.generators.random_streams import Stream, generator
from domain.generators.ratings import pick_movies


def test_movies_are_picked_in_proportion_to_their_chances_until_none_is_left() -> None:
    chances = np.array([0.5, 0.3, 0.2, 0.0])
    years = np.array([1990, 1990, 2005, 1990])
    rng = generator(5, Stream.RATINGS)
    first = Counter(
        int(pick_movies(rng, [chances.cumsum()], np.ones(1), years, latest=2000, count=1)[0]) for _ in range(2_000)
    )
    every = pick_movies(rng, [chances.cumsum()], np.ones(1), years, latest=2010, count=3)
    assert set(first) == {0, 1}
    assert first[0] / 2_000 == pytest.approx(0.625, abs=0.04)
    assert sorted(every.tolist()) == [0, 1, 2]


def test_heavy_users_finish_in_the_race_with_different_available_movies() -> None:
    chances = np.full(1_000, 1e-9)
    chances[0] = 1 - chances[1:].sum()
    picked = pick_movies(
        generator(6, Stream.RATINGS), [chances.cumsum()], np.ones(1), np.full(1_000, 1990), latest=2000, count=400
    )
    assert len(set(picked.tolist())) == 400
