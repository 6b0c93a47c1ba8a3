"""The stars beside a published list: biases, what ALS on residuals adds, and what near movies add."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.models.blended_lists import Histories, Positions
from domain.models.least_squares import Floats
from domain.stars import neighbours
from domain.stars.neighbours import UNKNOWN, Near, NearSettings, Weights, from_near

FEW = 100  # users whose stars are predicted at once


@dataclass(frozen=True)
class StarUsers:
    """Biases (users, stars) and factors (users × rank) of users, what they rated, and the stars of these ratings."""

    biases: NDArray[np.floating]
    factors: Floats
    histories: Histories
    stars: Floats

    def only(self, rows: Positions) -> StarUsers:
        """Some of the users (rising)."""
        lengths = np.diff(self.histories.offsets)
        kept = np.repeat(np.isin(np.arange(len(lengths)), rows), lengths)
        offsets = np.append(0, np.cumsum(lengths[rows]))
        histories = Histories(offsets, self.histories.rated[kept])
        return StarUsers(self.biases[rows], self.factors[rows], histories, self.stars[kept])


@dataclass(frozen=True)
class StarModel:
    """`biases` (movies) and `factors` (movies × rank) of movies, and neighbours of those at the positions `head`."""

    mean: float
    biases: NDArray[np.floating]
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
        own = neighbours.Histories(users.histories.offsets, place[rated], left.astype(np.float32))
        return from_near(self.near, own, place[wanted], self.settings)


def predict_pairs(model: StarModel, users: StarUsers, rows: Positions, columns: Positions) -> NDArray[np.float64]:
    """`StarModel.predict` for pairs of a user (by row) and a movie (by position, or UNKNOWN), in any order."""
    order = np.argsort(rows, kind="stable")
    predicted = np.empty(len(rows))
    starts = np.flatnonzero(np.append(True, np.diff(rows[order]) != 0)[: len(rows)])
    for some in np.array_split(np.arange(len(starts)), -(-len(starts) // FEW) or 1):
        ends = np.append(starts, len(rows))
        pairs = order[ends[some[0]] : ends[some[-1] + 1]] if len(some) else order[:0]
        if len(pairs):
            predicted[pairs] = _predict_some(model, users, rows[pairs], columns[pairs])
    return predicted


def _predict_some(model: StarModel, users: StarUsers, rows: Positions, columns: Positions) -> NDArray[np.float64]:
    """Of few users, whose pairs are side by side: one may have thousands."""
    different, at = np.unique(rows, return_inverse=True)
    place = np.arange(len(rows)) - np.searchsorted(at, at)
    wanted = np.full((len(different), int(place.max()) + 1), UNKNOWN)
    wanted[at, place] = columns
    return np.asarray(model.predict(users.only(different), wanted)[at, place])
