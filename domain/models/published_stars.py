"""The stars beside a published list: biases, what ALS on residuals adds, and what near movies add."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.models import star_neighbours
from domain.models.blended_lists import Histories, Positions
from domain.models.least_squares import Floats
from domain.models.star_neighbours import UNKNOWN, Near, NearSettings, Weights, from_near


@dataclass(frozen=True)
class StarUsers:
    """Biases (users, stars) and factors (users × rank) of users, what they rated, and the stars of these ratings."""

    biases: Floats
    factors: Floats
    histories: Histories
    stars: Floats


@dataclass(frozen=True)
class StarModel:
    """`biases` (movies) and `factors` (movies × rank) of movies, and neighbours of those at the positions `head`."""

    mean: float
    biases: Floats
    factors: Floats
    head: Positions
    near: Near
    settings: NearSettings = field(default_factory=NearSettings)
    weights: Weights = field(default_factory=Weights)

    def predict(self, users: StarUsers, wanted: Positions) -> NDArray[np.float64]:
        """Stars, not yet within the scale, for `wanted` movies (users × n, UNKNOWN where a movie is not known)."""
        known = wanted != UNKNOWN
        base = self.mean + users.biases[:, np.newaxis] + np.where(known, self.biases[wanted], 0.0)
        als = np.where(known, np.einsum("unk,uk->un", self.factors[wanted], users.factors, dtype=np.float64), 0.0)
        lengths = np.diff(users.histories.offsets)
        return base + self.weights.added(als, self._by_neighbours(users, wanted, lengths), lengths[:, np.newaxis])

    def _by_neighbours(self, users: StarUsers, wanted: Positions, lengths: NDArray[np.int64]) -> Floats:
        place = np.full(len(self.biases) + 1, UNKNOWN, np.int32)  # the last is where UNKNOWN points
        place[self.head] = np.arange(len(self.head), dtype=np.int32)
        rated = users.histories.rated
        left = users.stars - self.mean - self.biases[rated] - np.repeat(users.biases, lengths)
        own = star_neighbours.Histories(users.histories.offsets, place[rated], left.astype(np.float32))
        return from_near(self.near, own, place[wanted], self.settings)
