"""The stars beside a list for one user: biases, explicit ALS on residuals and near movies, with NumPy alone.

What domain/stars/published.py computes for all users when lists are published; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.serving.fold_in import Floats, fold_in_explicit, user_bias
from domain.serving.ranking import places_of

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Stars:
    """The model: `biases` (movies) and `factors` (movies × rank), and near movies of those at the positions `head`.

    Near movies of the head's i are `near_positions` (places in the head), the nearest first, and `near_similar` from
    `near_offsets[i]` to `near_offsets[i + 1]`. For the settings see domain/stars/neighbours.py.
    """

    mean: float
    biases: NDArray[np.floating]
    factors: Floats
    head: NDArray[np.integer]
    near_offsets: NDArray[np.integer]
    near_positions: NDArray[np.integer]
    near_similar: Floats
    regularization: float
    shrinkage: float
    count: int
    damping: float
    als: float
    doubt: float
    neighbours: float
    scale: tuple[float, float]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Stars:
        """The model of stars of a published model: see arrays.py for the names."""
        return cls(
            mean=settings["mean_rating"],
            biases=arrays["star_biases"],
            factors=arrays["star_factors"],
            head=arrays["head"],
            near_offsets=arrays["near_offsets"],
            near_positions=arrays["near_positions"],
            near_similar=arrays["near_similar"],
            regularization=settings["stars"]["regularization"],
            shrinkage=settings["bias_shrinkage"],
            count=settings["near"]["count"],
            damping=settings["near"]["damping"],
            **settings["star_weights"],
            scale=(settings["scale"][0], settings["scale"][1]),
        )

    @cached_property
    def place(self) -> NDArray[np.int32]:
        """Of each movie the place in the head, -1 beyond."""
        return places_of(self.head, len(self.factors))

    def predict(self, rated: Positions, stars: NDArray[np.floating], wanted: Positions) -> Floats:
        """Stars of the `wanted` movies for a user who gave the rated ones these stars."""
        bias = user_bias(stars, self.biases[rated], self.mean, self.shrinkage)
        left = (stars - self.mean - self.biases[rated] - bias).astype(np.float32)
        user = fold_in_explicit(self.factors[rated], left, self.regularization)
        trust = len(rated) / (len(rated) + self.doubt)
        added = self.als * trust * (self.factors[wanted] @ user) + self.neighbours * self._near(rated, left, wanted)
        return np.clip(self.mean + bias + self.biases[wanted] + added, *self.scale).astype(np.float32)

    def _near(self, rated: Positions, left: Floats, wanted: Positions) -> NDArray[np.float64]:
        """What the nearest rated movies add to biases, at most `count` of them for each wanted movie."""
        own = np.full(len(self.head), np.nan, np.float32)
        places = self.place[rated]
        own[places[places >= 0]] = left[places >= 0]
        added = np.zeros(len(wanted))
        for at, place in enumerate(self.place[wanted]):
            if place >= 0:
                near = slice(self.near_offsets[place], self.near_offsets[place + 1])
                residuals = own[self.near_positions[near]]
                heard = np.flatnonzero(~np.isnan(residuals))[: self.count]
                similar = self.near_similar[near][heard].astype(np.float64)
                added[at] = similar @ residuals[heard] / (self.damping + similar.sum())
        return added
