"""Users who were made up to push movies, told by how they chose movies and by which ones several of them praise.

1. The evidence of each user that the movies were drawn from a list (domain/fakes/selection.py), once for all ratings
   and once for those below the highest star, among which an attack's targets and praised movies are not; the larger
   evidence counts.
2. Among suspects, the movies that get more highest stars than the others' habits explain: the targets.
3. Flagged is who has overwhelming evidence, or some and praises a target. Popularity is then counted without the
   flagged users, who raise it where they rate, and everything begins again until the flags stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from domain.contract.movielens import HIGHEST
from domain.fakes.selection import Popularity, evidence

SUSPECT = 2.0  # nats that make a suspect, who is flagged when praising a target
CERTAIN = 25.0  # nats that are enough on their own: odds of e^25 against interest
ROUNDS = 4
FEWEST = 3  # highest stars of suspects that make a target
FALSE_TARGETS = 1e-4  # expected number of movies taken for a target by chance
WIDELY_PRAISED = 0.03  # share of the other users; such a movie is no target: attackers praise it as camouflage

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Profiles:
    """Ratings of `users`: user u has `movies` (positions) and `highest` from `starts[u]` to `starts[u + 1]`."""

    users: Integers
    starts: Integers
    movies: Integers
    highest: Mask

    @property
    def lengths(self) -> Integers:
        """Ratings of each user."""
        return np.diff(self.starts)

    def of_ratings(self, of_users: NDArray[np.generic]) -> NDArray[np.generic]:
        """A value of each user, for each of the ratings."""
        return np.repeat(of_users, self.lengths)


@dataclass(frozen=True)
class Evidence:
    """Evidence of each user: nats, and the share of the movies that the likeliest list is made from."""

    nats: Floats
    pool: Floats


@dataclass(frozen=True)
class Verdict:
    """The verdict on each of `users`: evidence, position of the target praised (-1: none), flagged; and the targets."""

    users: Integers
    evidence: Evidence
    praises: Integers
    flagged: Mask
    targets: Integers


def tally(profiles: Profiles, movies: int, chosen: Mask) -> Integers:
    """Counts of the movies in the profiles of the `chosen` users, 2 × movies: all ratings, and highest ones."""
    taken = profiles.of_ratings(chosen).astype(bool)
    return np.array(
        [np.bincount(profiles.movies[rows], minlength=movies) for rows in (taken, taken & profiles.highest)]
    )


@dataclass(frozen=True)
class Known:
    """The number of ratings of each movie (`counts`), and the popularity that follows."""

    counts: Integers

    @cached_property
    def popularity(self) -> Popularity:
        """The popularity of the movies that are rated at all."""
        return Popularity(self.counts[self.counts > 0])

    @cached_property
    def places(self) -> tuple[Integers, sparse.csr_array]:
        """Rows of `Popularity.places` and which of them is each movie's, 2 × movies: with all of its ratings, with one
        less."""
        by_others = self.counts - np.array([[0], [1]])
        values, rows = np.unique(by_others, return_inverse=True)
        return rows, sparse.csr_array(self.popularity.places(values))


def known(counts: Integers) -> tuple[Known, Known]:
    """Popularity by all ratings of a `tally`, and by those below the highest star."""
    return Known(counts[0]), Known(counts[0] - counts[1])


def weigh(profiles: Profiles, of_movies: tuple[Known, Known], counted: Mask) -> Evidence:
    """The larger evidence of all ratings and of those below the highest star.

    `of_movies` is known from the `counted` users, whose own ratings must not explain them.
    """
    everything, below = np.ones(len(profiles.movies), dtype=bool), ~profiles.highest
    of_all = _weigh(profiles, of_movies[0], counted, everything)
    of_below = _weigh(profiles, of_movies[1], counted, below)
    larger = of_all.nats >= of_below.nats
    return Evidence(np.maximum(of_all.nats, of_below.nats), np.where(larger, of_all.pool, of_below.pool))


def _weigh(profiles: Profiles, of_movies: Known, counted: Mask, rows: Mask) -> Evidence:
    row_of, places = of_movies.places
    own = profiles.of_ratings(counted)[rows].astype(np.int64)
    chosen = row_of[own, profiles.movies[rows]]
    ends = np.concatenate([[0], np.cumsum(rows)])[profiles.starts]
    shape = (len(profiles.users), places.shape[0])
    histograms = (sparse.csr_array((np.ones(len(chosen)), chosen, ends), shape=shape) @ places).toarray()
    return Evidence(*evidence(histograms, of_movies.popularity))


def targets(by_suspects: Integers, by_others: Integers, suspects: int, others: int) -> Integers:
    """Positions of the movies with more highest stars from suspects than can be explained, the clearest first.

    Explained are the other users' habit and, as attackers rate at random, an equal share of the suspects' highest
    stars. The chance of so many is bounded by Chernoff's bound of a Poisson tail, ln P ≤ t - λ - t ln(t / λ).
    """
    if suspects == 0:
        return np.empty(0, dtype=np.int64)
    habit = (by_others + 1) / (others + 1)
    explained = suspects * habit + by_suspects.sum() / len(by_suspects)
    praise = np.maximum(by_suspects, 1)
    log_chance = np.where(by_suspects > explained, praise - explained - praise * np.log(praise / explained), 0.0)
    limit = np.log(FALSE_TARGETS / len(by_suspects))
    chosen = np.flatnonzero((by_suspects >= FEWEST) & (log_chance < limit) & (habit < WIDELY_PRAISED))
    return chosen[np.argsort(log_chance[chosen], kind="stable")]


def praised(profiles: Profiles, pushed: Integers) -> Integers:
    """The first of the `pushed` movies to which each user gives the highest star, -1 where there is none."""
    order = np.full(int(max(profiles.movies.max(initial=0), pushed.max(initial=0))) + 1, len(pushed))
    order[pushed] = np.arange(len(pushed))
    first = np.full(len(profiles.users), len(pushed))
    user = np.repeat(np.arange(len(profiles.users)), profiles.lengths)[profiles.highest]
    np.minimum.at(first, user, order[profiles.movies[profiles.highest]])
    return np.append(pushed, -1)[first]


@dataclass(frozen=True)
class Passes:
    """Functions that go over all profiles, wherever these are; users are named by the order of `users`."""

    users: Integers
    tally: Callable[[Mask], Integers]
    weigh: Callable[[tuple[Known, Known], Mask], Evidence]
    praised: Callable[[Integers], Integers]


def find(passes: Passes) -> Verdict:
    """Repeat the three steps until the flags stay, at most ROUNDS times."""
    flagged = np.zeros(len(passes.users), dtype=bool)
    everyone = passes.tally(~flagged)
    for _ in range(ROUNDS):
        counts = everyone - passes.tally(flagged) if flagged.any() else everyone
        weighed = passes.weigh(known(counts), ~flagged)
        suspect = weighed.nats > SUSPECT
        by_suspects = passes.tally(suspect)[1]
        pushed = targets(by_suspects, everyone[1] - by_suspects, int(suspect.sum()), int((~suspect).sum()))
        praises = passes.praised(pushed) if len(pushed) else np.full(len(passes.users), -1)
        now = (weighed.nats > CERTAIN) | (suspect & (praises >= 0))
        if (now == flagged).all():
            break
        flagged = now
    return Verdict(passes.users, weighed, praises, now, pushed)


def passes_in_memory(profiles: Profiles, movies: int) -> Passes:
    """Passes over profiles that are all in this process."""
    return Passes(
        profiles.users,
        lambda chosen: tally(profiles, movies, chosen),
        lambda of_movies, counted: weigh(profiles, of_movies, counted),
        lambda pushed: praised(profiles, pushed),
    )


def profiles_of(
    users: Integers, movies: Integers, stars: Floats, highest: float = HIGHEST
) -> tuple[Profiles, Integers]:
    """The profiles of ratings in any order, and the ids of the movies by position."""
    order = np.lexsort((movies, users))
    ids, positions = np.unique(movies[order], return_inverse=True)
    names, starts = np.unique(users[order], return_index=True)
    return Profiles(names.astype(np.int64), np.append(starts, len(users)), positions, stars[order] >= highest), ids
