"""Profiles of attackers who push movies, to be put among real users.

`random` and `average` are those of Lam and Riedl (2004), `bandwagon` is that of Burke et al. (2006), `aop` (average
over popular) is that of Hurley et al. (2009). All give their targets the highest star; they differ in the rest:

- random: any movies, stars around the mean of all ratings;
- average: any movies, stars around the mean of each movie;
- bandwagon: some of the best-known movies with the highest star, and any movies as in random;
- aop: as average, but of the most popular movies only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ATTACKS = ("random", "average", "bandwagon", "aop")
BANDWAGON_SHARE = 0.02  # of a profile's filler that praises the best-known movies, at least one of them
POPULAR_SHARE = 0.4  # of the rated movies, by popularity, from which aop takes its filler
CAMPAIGN_SECONDS = 30 * 86_400  # within which the profiles of a campaign begin
LONGEST_GAP = 7 * 86_400  # between two ratings of a profile; genuine users may come back after years
HIGHEST = 5.0

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """What an attacker can know: `movies` (ids), the most rated first, with `means` and `spreads` of their stars.

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

    attack: str
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
    """Of some users' ratings: first times, and seconds between neighbouring ones, at most LONGEST_GAP."""
    order = np.lexsort((times, users))
    same = np.diff(users[order]) == 0
    return times[order][np.append(True, ~same)], np.minimum(np.diff(times[order])[same], LONGEST_GAP)


def attackers(rng: np.random.Generator, known: Population, campaign: Campaign) -> Iterator[Profile]:
    """The profiles of a campaign.

    Raises:
        ValueError: there are too few movies for so much filler and so many targets.
    """
    pool = len(known.movies) if campaign.attack != "aop" else int(POPULAR_SHARE * len(known.movies))
    if campaign.filler + campaign.targets > pool:
        wanted = f"{campaign.filler} filler movies and {campaign.targets} targets"
        raise ValueError(f"{wanted} are more than the {pool} movies to choose from")
    pushed = rng.choice(len(known.movies), campaign.targets, replace=False)
    start = int(rng.choice(known.began))
    for user in range(campaign.first_user, campaign.first_user + campaign.profiles):
        movies, stars = _filler(rng, known, campaign, pushed, pool)
        movies, stars = np.append(movies, pushed), np.append(stars, np.full(len(pushed), HIGHEST))
        order = rng.permutation(len(movies))
        times = start + rng.integers(CAMPAIGN_SECONDS) + np.cumsum(rng.choice(known.gaps, len(movies)))
        yield Profile(user, known.movies[pushed], known.movies[movies[order]], stars[order], times)


def _filler(
    rng: np.random.Generator, known: Population, campaign: Campaign, pushed: Integers, pool: int
) -> tuple[Integers, Floats]:
    """Places of the filler movies among the known ones, and their stars."""
    praised = np.empty(0, dtype=np.int64)
    if campaign.attack == "bandwagon":
        best_known = np.setdiff1d(np.arange(campaign.filler + len(pushed)), pushed)
        praised = best_known[: max(1, round(BANDWAGON_SHARE * campaign.filler))]
    others = np.setdiff1d(np.arange(pool), np.concatenate([pushed, praised]))
    chosen = rng.choice(others, campaign.filler - len(praised), replace=False)
    by_movie = campaign.attack in ("average", "aop")
    liking = rng.normal(
        known.means[chosen] if by_movie else known.mean,
        known.spreads[chosen] if by_movie else known.spread,
        len(chosen),
    )
    stars = np.concatenate([np.full(len(praised), HIGHEST), to_scale(liking, known.step)])
    return np.concatenate([praised, chosen]), stars


def to_scale(liking: Floats, step: float) -> Floats:
    """The nearest star of a scale from `step` to the highest."""
    return np.clip(np.rint(liking / step) * step, step, HIGHEST)
