"""The four kinds of attack, and profiles of attackers to be put among real users.

An attacker pushes movies, the targets, with the highest star, and hides behind other movies, the filler. The kinds
differ in the filler; the generated sample (domain/generators/fakes.py) chooses it in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.contract.movielens import HIGHEST

TRUTH_HEADER = "user_id,attack,target_movie_id"  # of truth/fake_profiles.csv, beside the ratings
BANDWAGON_SHARE = 0.02  # of a profile's filler that praises the best-known movies, at least one of them
POPULAR_SHARE = 0.4  # of the movies, by popularity, from which AVERAGE_OVER_POPULAR takes its filler
CAMPAIGN_SECONDS = 30 * 86_400  # within which the profiles of a campaign begin
LONGEST_GAP = 7 * 86_400  # between two ratings of a profile; genuine users may come back after years

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Attack(StrEnum):
    """The kind of an attack: how its filler is chosen and rated.

    The first two are those of Lam and Riedl (2004), the third is that of Burke et al. (2006), the last that of Hurley
    et al. (2009).
    """

    RANDOM = "random"  # any movies, stars around the mean of all ratings
    AVERAGE = "average"  # any movies, stars around the mean of each movie
    BANDWAGON = "bandwagon"  # some of the best-known movies with the highest star, and any as in RANDOM
    AVERAGE_OVER_POPULAR = "aop"  # as AVERAGE, but of the most popular movies only

    @property
    def knows_movies(self) -> bool:
        """Whether filler is rated around the mean of each movie, not around that of all ratings."""
        return self in (Attack.AVERAGE, Attack.AVERAGE_OVER_POPULAR)

    def choose(
        self, rng: np.random.Generator, ranked: Integers, count: int, praised: int, popular: int
    ) -> tuple[Integers, Integers]:
        """`count` movies of filler: those that get the highest star, and those that are drawn.

        `ranked` are the movies without the targets, the best-known first. BANDWAGON praises the first `praised`,
        AVERAGE_OVER_POPULAR draws from the first `popular`.
        """
        best_known = ranked[: praised if self is Attack.BANDWAGON else 0]
        pool = ranked[len(best_known) : popular if self is Attack.AVERAGE_OVER_POPULAR else None]
        return best_known, rng.choice(pool, count - len(best_known), replace=False)


@dataclass(frozen=True)
class Population:
    """All that an attacker can know: `movies` (ids), the most rated first, with `means` and `spreads` of their stars.

    `mean` and `spread` are those of all ratings, `step` is between two stars of the scale. `began` are first times of
    genuine users (seconds since 1970), `gaps` the seconds between two of a user's ratings.
    """

    movies: Integers
    means: Floats
    spreads: Floats
    mean: float
    spread: float
    step: float
    began: Integers
    gaps: Integers


@dataclass(frozen=True)
class Campaign:
    """Attackers with users from `first_user` on, who push the same movies; `filler` other movies in each profile."""

    attack: Attack
    profiles: int
    filler: int
    targets: int
    first_user: int


@dataclass(frozen=True)
class Profile:
    """An attacker: the ids of the targets, and all ratings by rising time."""

    user: int
    targets: Integers
    movies: Integers
    stars: Floats
    times: Integers


def visits(users: Integers, times: Integers) -> tuple[Integers, Integers]:
    """First times of users, and seconds between neighbouring ratings of a user, at most LONGEST_GAP.

    `users` and `times` are those of ratings in any order.
    """
    order = np.lexsort((times, users))
    same = np.diff(users[order]) == 0
    return times[order][np.append(True, ~same)], np.minimum(np.diff(times[order])[same], LONGEST_GAP)


def attackers(rng: np.random.Generator, known: Population, campaign: Campaign) -> Iterator[Profile]:
    """The profiles of a campaign.

    Raises:
        ValueError: there are too few movies for so much filler and so many targets.
    """
    popular_only = campaign.attack is Attack.AVERAGE_OVER_POPULAR
    pool = int(POPULAR_SHARE * len(known.movies)) if popular_only else len(known.movies)
    if campaign.filler + campaign.targets > pool:
        wanted = f"{campaign.filler} filler movies and {campaign.targets} targets"
        raise ValueError(f"{wanted} are more than the {pool} movies to choose from")
    pushed = rng.choice(len(known.movies), campaign.targets, replace=False)
    others = np.setdiff1d(np.arange(len(known.movies)), pushed)
    start = int(rng.choice(known.began))
    for user in range(campaign.first_user, campaign.first_user + campaign.profiles):
        movies, stars = _filler(rng, known, campaign, others)
        movies, stars = np.append(movies, pushed), np.append(stars, np.full(len(pushed), HIGHEST))
        order = rng.permutation(len(movies))
        times = start + rng.integers(CAMPAIGN_SECONDS) + np.cumsum(rng.choice(known.gaps, len(movies)))
        yield Profile(user, known.movies[pushed], known.movies[movies[order]], stars[order], times)


def _filler(
    rng: np.random.Generator, known: Population, campaign: Campaign, others: Integers
) -> tuple[Integers, Floats]:
    """Positions in `known.movies` of the filler, which is some of the `others` than the targets, and its stars."""
    popular = int(np.searchsorted(others, int(POPULAR_SHARE * len(known.movies))))
    praised = max(1, round(BANDWAGON_SHARE * campaign.filler))
    best_known, drawn = campaign.attack.choose(rng, others, campaign.filler, praised, popular)
    by_movie = campaign.attack.knows_movies
    liking = rng.normal(
        known.means[drawn] if by_movie else known.mean,
        known.spreads[drawn] if by_movie else known.spread,
        len(drawn),
    )
    stars = np.concatenate([np.full(len(best_known), HIGHEST), to_scale(liking, known.step)])
    return np.concatenate([best_known, drawn]), stars


def to_scale(liking: Floats, step: float) -> Floats:
    """The nearest star of a scale from `step` to the highest."""
    return np.clip(np.rint(liking / step) * step, step, HIGHEST)
