"""The ratings of a split as matrices in one process, for models that work there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.evaluation.trial import positions

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class RatingMatrix:
    """The known ratings of every user when they are served.

    `users` and `movies` are rising ids: of the rows, and of the columns, which are the movies of the training part.
    `stars` (users × movies, CSR, rising columns) holds the known ratings. `learned` says of each row whether
    models may learn from it; the others are fold-in histories.
    """

    users: Ids
    movies: Ids
    stars: csr_matrix
    learned: NDArray[np.bool_]

    @classmethod
    def of(cls, training: Triples, history: Triples | None = None) -> RatingMatrix:
        """The matrix of ratings to learn from and of others' histories, without the movies that only these rated."""
        movies = np.unique(training.movies)
        parts = [training] if history is None else [training, history.only(movies)]
        users, rows = np.unique(np.concatenate([part.users for part in parts]), return_inverse=True)
        columns = positions(movies, np.concatenate([part.movies for part in parts]))[0]
        values = np.concatenate([part.stars for part in parts]).astype(np.float32)
        stars = csr_matrix((values, (rows, columns)), shape=(len(users), len(movies)))
        stars.sort_indices()
        return cls(users, movies, stars, np.isin(users, training.users))

    @classmethod
    def on(cls, movies: Ids, ratings: Triples) -> RatingMatrix:
        """The matrix of some users' ratings, whose columns are the given movies (rising); others are left out."""
        known = ratings.only(movies)
        users, rows = np.unique(known.users, return_inverse=True)
        places = rows, positions(movies, known.movies)[0]
        stars = csr_matrix((known.stars.astype(np.float32), places), shape=(len(users), len(movies)))
        stars.sort_indices()
        return cls(users, movies, stars, np.ones(len(users), np.bool_))

    @property
    def training(self) -> csr_matrix:
        """The rows that models learn from."""
        return self.stars if self.learned.all() else self.stars[np.flatnonzero(self.learned)]


@dataclass(frozen=True)
class Triples:
    """Ratings one by one: ids of users and movies, and stars, three arrays of one length."""

    users: Ids
    movies: Ids
    stars: NDArray[np.float32]

    def only(self, movies: Ids) -> Triples:
        """The ratings of the given movies (rising)."""
        return self.where(positions(movies, self.movies)[1])

    def where(self, kept: NDArray[np.bool_]) -> Triples:
        """The ratings that are marked."""
        return Triples(self.users[kept], self.movies[kept], self.stars[kept])


def places(known: NDArray[np.int32], ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """The position of each id, -1 where it is not known."""
    at, there = positions(known, ids)
    return np.where(there, at, -1).astype(np.int64)
