"""Fake profiles: users who push one movie, made to look like others (Burke et al., 2006; Hurley et al., 2009)."""

from __future__ import annotations

import numpy as np

from domain.generators.ratings import HALF_STARS_SINCE, LAST_SESSION, MEAN, Ratings, start_of, to_stars, year_of
from domain.generators.tastes import Tastes

NOISE = 1.0  # standard deviation of filler ratings, in stars, about that of all ratings
BANDWAGON_MOVIES = 5  # favourites that a bandwagon profile praises
POPULAR_SHARE = 0.4  # of the catalogue, from which average-over-popular takes its filler
CAMPAIGN_SECONDS = 7 * 86_400  # within which all profiles of a target appear
VISIT_SECONDS = 2 * 3600  # in which a profile gives all its ratings


def fake_ratings(
    rng: np.random.Generator,
    campaign: np.random.Generator,
    tastes: Tastes,
    years: np.ndarray,
    count: int,
    attack: str,
    target: int,
) -> Ratings:
    """The target with five stars, and `count` - 1 other movies chosen and rated as the `attack` does.

    `campaign` is the same for all who push the target, `rng` is the user's own.
    """
    start = _campaign_start(campaign, years[target])
    movies = tastes.by_popularity
    known = movies[(years[movies] <= year_of(start)) & (movies != target)]
    praised = known[: BANDWAGON_MOVIES if attack == "bandwagon" else 0]
    pool = known[len(praised) : int(POPULAR_SHARE * len(known)) if attack == "average_over_popular" else None]
    filler = rng.choice(pool, count - 1 - len(praised), replace=False)
    quality = tastes.quality[filler] if attack in ("average", "average_over_popular") else 0
    liking = np.concatenate([np.full(1 + len(praised), 5.0), MEAN + quality + NOISE * rng.standard_normal(len(filler))])
    times = start + rng.integers(CAMPAIGN_SECONDS) + np.sort(rng.integers(VISIT_SECONDS, size=count))
    return Ratings.by_movie(np.concatenate([[target], praised, filler]), to_stars(liking, times, halves=True), times)


def _campaign_start(campaign: np.random.Generator, released: int) -> int:
    return int(campaign.integers(max(HALF_STARS_SINCE, start_of(released)), LAST_SESSION))
