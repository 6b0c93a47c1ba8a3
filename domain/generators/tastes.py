"""A latent-factor model of what draws viewers to movies, which ties genres, tastes, popularity and quality together.

A movie's factors are the mean of its genres' plus something of its own. A community of taste is a point in the same
space; its members pick movie m with probability ∝ popularity(m) · exp(PULL · affinity), popularity being lognormal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from domain.generators.movies import GENRES, Movies
from domain.generators.random_streams import Stream, generator

DIMENSIONS = 16
COMMUNITIES = 24
GENRES_OF_A_COMMUNITY = 3
PULL = 1.7
OWN_CHARACTER = 0.5  # spread of a movie's factors around its genres', whose own spread is 1
NEVER_RATED_SHARE = 0.002  # 18 of the 9,742 movies of ml-latest-small
QUALITY_SPREAD = 0.42  # standard deviation of movies' mean ratings, in stars
QUALITY_OF_POPULARITY = 0.27  # correlation of mean rating and log count in ml-latest-small


@dataclass(frozen=True)
class Tastes:
    """The model: `factors` movies × DIMENSIONS, `centres` COMMUNITIES × DIMENSIONS, `quality` in stars.

    `by_popularity` are the positions of the movies, the most popular first. `cumulative` is
    COMMUNITIES × movies: a community's probability of picking one of the movies up to each. `usual_affinity` [j, k] is
    that of community k to the movies that community j picks, on average.
    """

    factors: np.ndarray
    centres: np.ndarray
    by_popularity: np.ndarray
    quality: np.ndarray
    cumulative: np.ndarray
    usual_affinity: np.ndarray


def make_tastes(seed: int, movies: Movies) -> Tastes:
    """The model of these movies."""
    rng = generator(seed, Stream.TASTES)
    genre_factors = rng.standard_normal((len(GENRES), DIMENSIONS))
    factors = _movie_factors(rng, movies.has_genre, genre_factors)
    centres = _centres(rng, genre_factors)
    charm = rng.standard_normal(len(factors))
    popularity = _popularity(rng, charm)
    cumulative = _cumulative(popularity, factors, centres)
    picks = np.diff(cumulative, axis=1, prepend=0)
    return Tastes(
        factors=factors,
        centres=centres,
        by_popularity=np.argsort(-popularity, kind="stable"),
        quality=_quality(rng, charm, picks.mean(axis=0)),
        cumulative=cumulative,
        usual_affinity=picks @ factors @ centres.T,
    )


def popularity_spread(movies: int) -> float:
    """Standard deviation of log popularity: 1.7 fits ml-latest-small; of more movies the tail is longer."""
    return float(np.clip(1.7 + 0.5 * math.log(movies / 9742), 1.2, 2.5))


def _movie_factors(rng: np.random.Generator, has_genre: np.ndarray, genre_factors: np.ndarray) -> np.ndarray:
    genres = np.maximum(has_genre.sum(axis=1, keepdims=True), 1)
    own = rng.standard_normal((len(has_genre), DIMENSIONS))
    return (has_genre @ genre_factors) / np.sqrt(genres) + OWN_CHARACTER * own


def _centres(rng: np.random.Generator, genre_factors: np.ndarray) -> np.ndarray:
    """Each community likes a few genres, the frequent ones more often, with a bent of its own; rows of length 1."""
    share = np.sqrt(list(GENRES.values()))
    race = rng.exponential(size=(COMMUNITIES, len(GENRES))) / share
    liked = race.argsort(axis=1)[:, :GENRES_OF_A_COMMUNITY]
    centres = genre_factors[liked].sum(axis=1) + rng.standard_normal((COMMUNITIES, DIMENSIONS))
    return centres / np.linalg.norm(centres, axis=1, keepdims=True)


def _popularity(rng: np.random.Generator, charm: np.ndarray) -> np.ndarray:
    popularity = np.exp(popularity_spread(len(charm)) * charm)
    popularity[rng.choice(len(charm), max(1, round(NEVER_RATED_SHARE * len(charm))), replace=False)] = 0
    return popularity / popularity.sum()


def _quality(rng: np.random.Generator, charm: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """Quality in stars, around that of the movie picked on average."""
    own = math.sqrt(1 - QUALITY_OF_POPULARITY**2) * rng.standard_normal(len(charm))
    quality = QUALITY_SPREAD * (QUALITY_OF_POPULARITY * charm + own)
    return quality - picks @ quality


def _cumulative(popularity: np.ndarray, factors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    cumulative = np.cumsum(popularity * np.exp(PULL * centres @ factors.T), axis=1)
    return cumulative / cumulative[:, -1:]
