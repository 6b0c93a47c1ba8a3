"""Fake profiles of the sample: users who push one movie and are made to look like others.

The kinds are those of domain/fakes/attacks.py. What attackers of real data learn from ratings is given here by the
model of tastes, and nothing is rated before it was released.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.contract.movielens import HIGHEST
from domain.fakes.attacks import POPULAR_SHARE, Attack
from domain.generators.ratings import HALF_STARS_SINCE, LAST_SESSION, MEAN, Ratings, start_of, to_stars, year_of
from domain.generators.tastes import Tastes

NOISE = 1.0  # standard deviation of filler ratings, in stars, about that of all ratings
BANDWAGON_MOVIES = 5  # favourites that a bandwagon profile praises
CAMPAIGN_SECONDS = 7 * 86_400  # within which all profiles of a target appear
VISIT_SECONDS = 2 * 3600  # in which a profile gives all its ratings


@dataclass(frozen=True)
class Fake:
    """A fake: the position of the movie that it pushes, and how many ratings it gives."""

    attack: Attack
    target: int
    ratings: int


def fake_ratings(
    rng: np.random.Generator, campaign: np.random.Generator, tastes: Tastes, years: np.ndarray, fake: Fake
) -> Ratings:
    """The target with five stars, and other movies chosen and rated as the attack does.

    `campaign` is the same for all who push the target, `rng` is the user's own.
    """
    start = _campaign_start(campaign, years[fake.target])
    movies = tastes.by_popularity
    released = movies[(years[movies] <= year_of(start)) & (movies != fake.target)]
    popular = int(POPULAR_SHARE * len(released))
    praised, drawn = fake.attack.choose(rng, released, fake.ratings - 1, BANDWAGON_MOVIES, popular)
    means = MEAN + tastes.quality[drawn] if fake.attack.knows_movies else MEAN
    liking = np.concatenate([np.full(1 + len(praised), HIGHEST), rng.normal(means, NOISE, len(drawn))])
    times = start + rng.integers(CAMPAIGN_SECONDS) + np.sort(rng.integers(VISIT_SECONDS, size=fake.ratings))
    rated = np.concatenate([[fake.target], praised, drawn])
    return Ratings.by_movie(rated, to_stars(liking, times, halves=True), times)


def _campaign_start(campaign: np.random.Generator, released: int) -> int:
    return int(campaign.integers(max(HALF_STARS_SINCE, start_of(released)), LAST_SESSION))
