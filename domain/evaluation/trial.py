"""The truth that lists are measured against: users, the movies that they liked, and all that can be recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.evaluation.exposure import NONE, coverage, gini, novelty, shown
from domain.evaluation.ranking import MEASURES

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Tally:
    """Sums and counts of each figure by user, so that figure = total of sums / total of counts.

    `users` are ids; `sums` and `counts` are by name of the figure, each as long as `users`.
    """

    users: NDArray[np.integer]
    sums: dict[str, NDArray[np.float64]]
    counts: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Truth:
    """The liked movies of the users who have any among the held-out ratings.

    `users` and `movies` are rising ids: those measured, and the movies of the training part, which can be recommended.
    `relevant` counts each user's liked movies, also those that cannot be recommended: missing them is a miss.
    `wanted` are the keys of the others, see `keys`. `bits` is how little known each movie is, see `self_information`.
    """

    users: Ids
    movies: Ids
    relevant: NDArray[np.intp]
    wanted: NDArray[np.int64]
    bits: NDArray[np.float64]

    @classmethod
    def of(cls, liked_users: Ids, liked_movies: Ids, movies: Ids, bits: NDArray[np.float64]) -> Truth:
        """The truth that follows from one pair of user and movie for each relevant held-out rating; `movies` rise."""
        users, rows, relevant = np.unique(liked_users, return_inverse=True, return_counts=True)
        places, known = positions(movies, liked_movies)
        return cls(users, movies, relevant, rows[known].astype(np.int64) * len(movies) + places[known], bits)

    def place(self, users: Ids, lengths: NDArray[np.integer], movie_ids: Ids, n: int) -> NDArray[np.intp]:
        """Lists as a matrix (self.users × n) of positions in self.movies, NONE beyond the end and for users without.

        Args:
            users, lengths: whose lists they are, and how many movies each has, at most n; others are passed over.
            movie_ids: of all lists, one after the other, best first.
        """
        lists = np.full((len(self.users), n), NONE)
        rows, measured = positions(self.users, np.repeat(users, lengths))
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        columns = np.arange(len(movie_ids)) - starts
        lists[rows[measured], columns[measured]] = positions(self.movies, movie_ids)[0][measured]
        return lists

    def hits(self, lists: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether each place of the lists (as `place` gives them) holds a movie that the user liked."""
        keys = np.arange(len(lists), dtype=np.int64)[:, np.newaxis] * len(self.movies) + lists
        return np.isin(keys, self.wanted) & (lists != NONE)

    def tally(self, lists: NDArray[np.intp], ks: Sequence[int]) -> Tally:
        """Each of MEASURES and novelty at each k, and users_without_list; a user without a list counts as 0."""
        hits, served = self.hits(lists), lists[:, 0] != NONE
        everyone = np.ones(len(lists))
        sums = {f"{name}@{k}": measure(hits, self.relevant, k) for k in ks for name, measure in MEASURES.items()}
        counts = dict.fromkeys(sums, everyone)
        for k in ks:
            sums[f"novelty@{k}"] = np.nan_to_num(novelty(lists, self.bits, k))
            counts[f"novelty@{k}"] = served.astype(np.float64)
        sums["users_without_list"], counts["users_without_list"] = (~served).astype(np.float64), everyone
        return Tally(self.users, sums, counts)

    def spread(self, lists: NDArray[np.intp], ks: Sequence[int]) -> dict[str, float]:
        """coverage and gini at each k, over the movies that can be recommended."""
        counts = {k: shown(lists, len(self.movies), k) for k in ks}
        return {f"{measure.__name__}@{k}": measure(counts[k]) for k in ks for measure in (coverage, gini)}


def positions(rising: NDArray[np.integer], ids: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The position of each id in `rising` (at least one), and whether it is there; else the position means nothing."""
    places = np.minimum(np.searchsorted(rising, ids), len(rising) - 1)
    return places, rising[places] == ids


def merged(tallies: Sequence[Tally]) -> Tally:
    """One row for each user of any of the tallies (of the same figures): the folds of k-fold cross-validation."""
    users, rows = np.unique(np.concatenate([tally.users for tally in tallies]), return_inverse=True)

    def add_up(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        totals = np.bincount(rows, weights=np.concatenate(parts), minlength=len(users))
        return totals.astype(np.float64)

    names = tallies[0].sums
    return Tally(
        users,
        {name: add_up([tally.sums[name] for tally in tallies]) for name in names},
        {name: add_up([tally.counts[name] for tally in tallies]) for name in names},
    )
