"""The users of the sample: who rates how many movies, who tags, who is a fake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.fakes.attacks import Attack
from domain.generators.random_streams import Stream, generator

MIN_RATINGS = 20  # MovieLens keeps nobody with fewer
ACTIVITY_SPREAD = 1.6  # standard deviation of log(ratings - 19) over the users of ml-latest-small
MAX_SHARE_OF_MOVIES = 0.25  # nobody rates more of the movies
TAGGER_SHARE = 0.1  # 58 of the 610 users of ml-latest-small
TAGGED_SHARE = 0.35  # share of the rated movies that a tagger tags, on average
ATTACKS = tuple(Attack)
FAKES_PER_TARGET = 50
MAX_FAKE_RATINGS = 300
MAX_FAKE_SHARE_OF_MOVIES = 0.2
GENUINE = -1


@dataclass(frozen=True)
class Users:
    """User `i + 1` at position i: number of ratings and tags; a fake's attack in `ATTACKS` and target movie's position.

    Genuine users have attack and target `GENUINE`.
    """

    ratings: np.ndarray
    tags: np.ndarray
    attack: np.ndarray
    target: np.ndarray

    def __len__(self) -> int:
        return len(self.ratings)


def make_users(seed: int, users: int, movies: int, ratings: int, fake_share: float) -> Users:
    """`users` genuine users who give exactly `ratings` ratings, and fakes on top at random places among them.

    Raises:
        ValueError: so many ratings cannot be given by so many users on so many movies.
    """
    rng = generator(seed, Stream.USERS)
    counts = spread_counts(rng, users, ratings, most=int(MAX_SHARE_OF_MOVIES * movies))
    tags = _tags(rng, counts)
    fakes = number_of_fakes(users, fake_share)
    places = np.sort(rng.choice(np.arange(users + 1), fakes))
    filler = np.minimum(rng.choice(counts, fakes), min(MAX_FAKE_RATINGS, int(MAX_FAKE_SHARE_OF_MOVIES * movies)))
    campaign = np.arange(fakes) % max(len(ATTACKS), fakes // FAKES_PER_TARGET)
    targets = rng.choice(movies, max(len(ATTACKS), fakes // FAKES_PER_TARGET), replace=False)
    return Users(
        ratings=np.insert(counts, places, filler),
        tags=np.insert(tags, places, 0),
        attack=np.insert(np.full(users, GENUINE), places, campaign % len(ATTACKS)),
        target=np.insert(np.full(users, GENUINE), places, targets[campaign]),
    )


def number_of_fakes(users: int, share: float) -> int:
    """The number of fakes beside `users` genuine users: at least one of each attack, none when `share` is 0."""
    return max(len(ATTACKS), round(share * users)) if share else 0


def spread_counts(rng: np.random.Generator, users: int, total: int, most: int) -> np.ndarray:
    """`users` counts of MIN_RATINGS…`most` that add up to `total`, long-tailed (lognormal above the minimum).

    Raises:
        ValueError: no such counts exist.
    """
    if not MIN_RATINGS * users <= total <= most * users:
        raise ValueError(
            f"{total} ratings do not fit {users} users who give {MIN_RATINGS} to {most} each (a quarter of the movies):"
            f" ask for {MIN_RATINGS * users} to {most * users} ratings"
        )
    weights = np.exp(ACTIVITY_SPREAD * rng.standard_normal(users))
    counts = np.full(users, MIN_RATINGS)
    while left := total - int(counts.sum()):
        open_weights = np.where(counts < most, weights, 0)
        more = np.floor(left * open_weights / open_weights.sum()).astype(int)
        if not more.any():
            more[np.argsort(-open_weights, kind="stable")[:left]] = 1
        counts = np.minimum(counts + more, most)
    return counts


def _tags(rng: np.random.Generator, counts: np.ndarray) -> np.ndarray:
    tagger = rng.random(len(counts)) < TAGGER_SHARE
    tagger[0] = True  # a sample without any tag would show nothing
    share = rng.beta(1, 1 / TAGGED_SHARE - 1, len(counts))
    return np.where(tagger, np.ceil(share * counts), 0).astype(int)
