"""A list for whoever has rated something, whether the training knew them or not: scores, stars and reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.serving.ranking import Ranking, best
from domain.serving.stars import Stars


@dataclass(frozen=True)
class Listed:
    """A movie of a list; `because` has the ids of rated movies and their shares of the score, the largest first."""

    movie_id: int
    score: float
    stars: float
    because: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Recommender:
    """The published models; `ids` are the movies of all arrays, rising."""

    ids: NDArray[np.integer]
    ranking: Ranking
    stars: Stars

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Recommender:
        """The recommender of a published run: see arrays.py for the names."""
        return cls(arrays["ids"], Ranking.of(arrays, settings), Stars.of(arrays, settings))

    def recommend(
        self,
        ratings: Mapping[int, float],
        n: int,
        without: Collection[int] = (),
        among: NDArray[np.integer] | None = None,
    ) -> list[Listed]:
        """The best `n` movies for ratings in stars by movie, neither rated nor in `without`, best first.

        Movies that the model does not know count for nothing; of ratings of such alone there is no list. With `among`
        only movies of these ids are listed, with the scores that they have among all.
        """
        ids = np.array(sorted(ratings), np.int64)
        rated, known = self._positions(ids)
        if not len(rated):
            return []
        stars = np.array([ratings[int(movie)] for movie in ids[known]], np.float32)
        scores, loudness = self.ranking.scores(self.ranking.user(rated, stars), rated)
        scores[self._positions(np.array(sorted(without), np.int64))[0]] = -np.inf
        if among is not None:
            scores[self._others(among)] = -np.inf
        listed = best(scores, n)
        predicted = self.stars.predict(rated, stars, listed)
        why = self.ranking.reasons(rated, stars, listed, loudness)
        return [
            Listed(
                int(self.ids[at]),
                float(scores[at]),
                float(of_one),
                tuple((int(self.ids[reason.position]), reason.share) for reason in reasons),
            )
            for at, of_one, reasons in zip(listed, predicted, why, strict=True)
        ]

    def _others(self, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which movies are none of these."""
        others = np.ones(len(self.ids), bool)
        others[self._positions(ids.astype(np.int64))[0]] = False
        return others

    def _positions(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Positions of the known ones among `ids`, and which of them are known."""
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        known = self.ids[at] == ids
        return at[known], known
