"""The published ranking for one user: implicit ALS, sparse EASE and «most popular», each as z-scores, with NumPy alone.

What domain/models/blended_lists.py and reasons.py compute in compiled code for all users when lists are published, for
a user who has rated since. The same history gives the same scores, to rounding; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.serving.fold_in import NEUTRAL, Floats, evidence, fold_in_implicit, normal_implicit

Positions = NDArray[np.intp]
LEAST = 1e-6  # of a mean: a standard deviation below it is rounding
REASONS = 3  # movies that are named at most


@dataclass(frozen=True)
class Loudness:
    """What a unit of ALS's score, of EASE's and of a number of ratings adds to the score of a movie of the head.

    `beyond` is what one of ALS's adds beyond the head, and `shift` and `shift_beyond` are added to all.
    """

    als: float
    ease: float
    raters: float
    shift: float
    beyond: float
    shift_beyond: float


@dataclass(frozen=True)
class Reason:
    """The position of a rated movie, and its share, 0 to 1, of what rated movies add to a score."""

    position: int
    share: float


@dataclass(frozen=True)
class Ranking:
    """The arrays of the model: factors (movies × rank) and `raters` of all movies, and EASE's rows of the head.

    `head` are positions of movies, rising; `columns` (places in the head) and `weights` are head × kept. The weights of
    the parts add up to 1; `regularization` and `alpha` are those that the factors were learned with.
    """

    factors: Floats
    raters: NDArray[np.floating]
    head: NDArray[np.integer]
    columns: NDArray[np.int32]
    weights: Floats
    ease_weight: float
    popular_weight: float
    regularization: float
    alpha: float

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Ranking:
        """The ranking of a published model: see arrays.py for the names."""
        return cls(
            factors=arrays["factors"],
            raters=arrays["raters"],
            head=arrays["head"],
            columns=arrays["columns"],
            weights=arrays["weights"],
            **settings["blend"],
            regularization=settings["ranking"]["regularization"],
            alpha=settings["ranking"]["alpha"],
        )

    @cached_property
    def gram(self) -> NDArray[np.float64]:
        """The sum of y yᵀ over the factors of all movies."""
        wide = self.factors.astype(np.float64)
        return np.asarray(wide.T @ wide)

    @cached_property
    def place(self) -> NDArray[np.int32]:
        """Of each movie the place in the head, -1 beyond."""
        return places_of(self.head, len(self.factors))

    def user(self, rated: Positions, stars: NDArray[np.floating]) -> Floats:
        """The user's factors."""
        own = self.factors[rated]
        return fold_in_implicit(own, evidence(stars), self.gram, self.regularization, self.alpha).astype(np.float32)

    def scores(self, user: Floats, rated: Positions) -> tuple[Floats, Loudness]:
        """Scores of all movies, -inf for the rated ones, and what they are made of."""
        als = self.factors @ user
        ease = self._ease(rated)
        loudness = self._loudness(als, ease, rated)
        scores = loudness.beyond * als + loudness.raters * self.raters + loudness.shift_beyond
        of_head = loudness.als * als[self.head] + loudness.raters * self.raters[self.head] + loudness.shift
        scores[self.head] = of_head if ease is None else of_head + loudness.ease * ease
        scores[rated] = -np.inf
        return scores.astype(np.float32), loudness

    def _ease(self, rated: Positions) -> NDArray[np.float64] | None:
        """EASE's scores of the head; None where it says nothing."""
        rows = self.place[rated]
        rows = rows[rows >= 0]
        if not len(rows) or not self.columns.shape[1]:
            return None
        heard = np.bincount(self.columns[rows].ravel(), self.weights[rows].ravel(), minlength=len(self.head))
        return heard.astype(np.float64)

    def _loudness(self, als: Floats, ease: NDArray[np.float64] | None, rated: Positions) -> Loudness:
        of_als, of_raters = _moments(als, rated), _moments(self.raters, rated)
        places = self.place[rated]
        of_ease = (0.0, 0.0) if ease is None else _moments(ease, places[places >= 0])
        by_ease = self.ease_weight if of_ease[1] else 0.0
        if by_ease == self.popular_weight == 0.0:  # one model alone: its scores as they are
            return Loudness(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
        of_rest = 1.0 - self.popular_weight
        loud, beyond = _scale(of_rest - by_ease, of_als), _scale(of_rest, of_als)
        heard, raters = _scale(by_ease, of_ease), _scale(self.popular_weight, of_raters)
        common = raters * of_raters[0]
        return Loudness(
            loud,
            heard,
            raters,
            -(loud * of_als[0] + heard * of_ease[0] + common),
            beyond,
            -(beyond * of_als[0] + common),
        )

    def reasons(
        self, rated: Positions, stars: NDArray[np.floating], listed: Positions, loudness: Loudness
    ) -> list[list[Reason]]:
        """For each listed movie those rated that added most, above 2 stars and not below the user's mean."""
        added = self._added(rated, stars, listed, loudness)
        totals = np.where(added > 0.0, added, 0.0).sum(axis=0)
        added[(stars < stars.mean(dtype=np.float64)) | (stars <= NEUTRAL)] = -1.0
        found = []
        for of_one, total in zip(added.T, totals, strict=True):
            best = np.argsort(-of_one, kind="stable")[:REASONS]
            found.append([Reason(int(rated[k]), float(of_one[k] / total)) for k in best if of_one[k] > 0.0])
        return found

    def _added(
        self, rated: Positions, stars: NDArray[np.floating], listed: Positions, loudness: Loudness
    ) -> NDArray[np.float64]:
        """What each rated movie adds to the score of each listed one (rated × listed): see domain/models/reasons.py."""
        own, said = self.factors[rated], evidence(stars)
        normal = normal_implicit(own, said, self.gram, self.regularization, self.alpha)
        reached = np.linalg.solve(normal, self.factors[listed].T.astype(np.float64))
        added = (own * (1.0 + self.alpha * said)[:, np.newaxis]) @ reached
        places = self.place[listed]
        added *= np.where(places >= 0, loudness.als, loudness.beyond)
        at = np.full(len(self.head) + 1, -1)
        at[places[places >= 0]] = np.flatnonzero(places >= 0)
        rows = np.flatnonzero(self.place[rated] >= 0)
        columns = at[self.columns[self.place[rated[rows]]]]
        row, entry = np.nonzero(columns >= 0)
        weights = self.weights[self.place[rated[rows[row]]], entry]
        np.add.at(added, (rows[row], columns[row, entry]), loudness.ease * weights)
        return np.asarray(added)


def places_of(head: NDArray[np.integer], movies: int) -> NDArray[np.int32]:
    """Of each of so many movies the place in the head, whose positions are given, -1 beyond."""
    place = np.full(movies, -1, np.int32)
    place[head] = np.arange(len(head), dtype=np.int32)
    return place


def best(scores: Floats, n: int) -> Positions:
    """Positions of the n largest scores above -inf, the largest first, of equal ones the lower position."""
    n = min(n, int(np.count_nonzero(scores > -np.inf)))
    if n == 0:
        return np.zeros(0, np.intp)
    least = np.partition(scores, len(scores) - n)[len(scores) - n]
    found = np.flatnonzero(scores >= least)
    return found[np.lexsort((found, -scores[found]))][:n]


def _moments(scores: NDArray[np.floating], rated: NDArray[np.integer]) -> tuple[float, float]:
    """Mean and standard deviation of the scores that are not those of rated movies."""
    count = len(scores) - len(rated)
    if count <= 0:
        return 0.0, 0.0
    wide = scores.astype(np.float64)
    own = wide[rated]
    mean = (wide.sum() - own.sum()) / count
    squares = (wide @ wide - own @ own) / count
    spread = float(np.sqrt(max(squares - mean * mean, 0.0)))
    return float(mean), spread if spread > LEAST * abs(mean) else 0.0


def _scale(weight: float, moments: tuple[float, float]) -> float:
    return weight / moments[1] if moments[1] > 0.0 else 0.0
