"""The ratings of one genuine user of the sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from domain.contract.movielens import HIGHEST, LOWEST, STEP
from domain.generators.tastes import COMMUNITIES, Tastes

COMMUNITIES_OF_A_USER = 3
MEAN = 3.7  # in stars; the cut at 5 and heavy users, who take what is left, lower it to MovieLens' 3.5
USER_SPREAD = 0.40  # of users' biases, in stars; all four spreads together give the 1.04 of ml-latest-small
AFFINITY_STARS = 0.35  # stars for one unit of affinity
MOOD_SPREAD = 0.85  # of what nothing explains, in stars
WHOLE_STAR_USERS = 0.15  # users who never give half stars
RATINGS_PER_SESSION = 80
SESSION_SPREAD = 1.3  # standard deviation of log seconds between ratings, around 12 seconds
MEDIAN_GAP = 12.0


@dataclass(frozen=True)
class Taste:
    """A user's communities of taste, and how much the user is of each."""

    communities: np.ndarray
    shares: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Taste:
        """The taste of the user whose stream this is: its first draws."""
        communities = rng.choice(COMMUNITIES, COMMUNITIES_OF_A_USER, replace=False)
        return cls(communities, rng.dirichlet(np.ones(COMMUNITIES_OF_A_USER)))

    def affinity(self, tastes: Tastes, movies: np.ndarray) -> np.ndarray:
        """How much the movies are to the user's taste, above those that the user picks on average."""
        affinity = tastes.factors[movies] @ (self.shares @ tastes.centres[self.communities])
        affinity -= self.shares @ tastes.usual_affinity[np.ix_(self.communities, self.communities)] @ self.shares
        return np.asarray(affinity)

    def liking(self, tastes: Tastes, movies: np.ndarray) -> np.ndarray:
        """How many stars the movies are worth to the user, apart from bias and mood."""
        return MEAN + tastes.quality[movies] + AFFINITY_STARS * self.affinity(tastes, movies)


def start_of(year: int, month: int = 1, day: int = 1) -> int:
    """Seconds from 1970 to the start of a day (UTC)."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


FIRST_SESSION = start_of(1996, 2)
LAST_SESSION = start_of(2018, 6)
HALF_STARS_SINCE = start_of(2003, 2, 18)
_YEARS = np.arange(1996, 2020)
_YEAR_STARTS = np.array([start_of(year) for year in _YEARS.tolist()])


@dataclass(frozen=True)
class Ratings:
    """Ratings of one user by rising position of the movie; `times` in seconds since 1970 (UTC)."""

    movies: np.ndarray
    stars: np.ndarray
    times: np.ndarray

    @classmethod
    def by_movie(cls, movies: np.ndarray, stars: np.ndarray, times: np.ndarray) -> Ratings:
        """The ratings sorted by movie."""
        order = np.argsort(movies)
        return cls(movies[order], stars[order], times[order])


def year_of(times: np.ndarray | int) -> np.ndarray:
    """Calendar years (UTC) of times from 1996 to 2019."""
    return _YEARS[np.searchsorted(_YEAR_STARTS, times, side="right") - 1]


def genuine_ratings(rng: np.random.Generator, tastes: Tastes, years: np.ndarray, count: int) -> Ratings:
    """`count` ratings: movies by taste and popularity, stars by taste and quality, none before the movie's year."""
    taste = Taste.draw(rng)
    sessions = _sessions(rng, count)
    cumulative = [tastes.cumulative[each] for each in taste.communities]  # views: a copy costs more than the draws
    movies = pick_movies(rng, cumulative, taste.shares, years, int(year_of(sessions[-1])), count)
    times = _times(rng, sessions, years[movies])
    liking = taste.liking(tastes, movies) + USER_SPREAD * rng.standard_normal()
    halves = rng.random() >= WHOLE_STAR_USERS
    return Ratings.by_movie(movies, to_stars(liking + MOOD_SPREAD * rng.standard_normal(count), times, halves), times)


def pick_movies(
    rng: np.random.Generator,
    cumulative: list[np.ndarray],
    shares: np.ndarray,
    years: np.ndarray,
    latest: int,
    count: int,
) -> np.ndarray:
    """`count` different movies of years up to `latest`, drawn one after another ∝ Σ shares × the communities' chances.

    Draws with replacement whose repetitions are dropped are just that; what they leave open (heavy users) is won in
    an exponential race of all other movies (Efraimidis and Spirakis, 2006), which has the same distribution.
    """
    draws = [
        np.searchsorted(row, rng.random(n), side="right")
        for row, n in zip(cumulative, rng.multinomial(3 * count + 16, shares), strict=True)
    ]
    candidates = rng.permutation(np.concatenate(draws))
    candidates = candidates[years[candidates] <= latest]
    _, first = np.unique(candidates, return_index=True)
    chosen = candidates[np.sort(first)[:count]]
    if len(chosen) == count:
        return chosen
    weights = np.where(years <= latest, shares @ np.diff(cumulative, axis=1, prepend=0), 0)
    weights[chosen] = 0
    others = np.flatnonzero(weights)
    arrival = rng.exponential(size=len(others)) / weights[others]
    late = count - len(chosen)
    first = np.argpartition(arrival, late - 1)[:late]  # in an order that differs between kinds of processors
    return np.concatenate([chosen, others[first[np.argsort(arrival[first])]]])


def to_stars(liking: np.ndarray, times: np.ndarray, halves: bool) -> np.ndarray:
    """Stars as MovieLens took them: whole ones of 1…5, from `HALF_STARS_SINCE` on also halves from 0.5."""
    whole = np.clip(np.rint(liking), 1, HIGHEST)
    half = np.clip(np.rint(liking / STEP) * STEP, LOWEST, HIGHEST)
    return np.where(halves & (times >= HALF_STARS_SINCE), half, whole)


def _sessions(rng: np.random.Generator, count: int) -> np.ndarray:
    """Rising start times of a user's sessions: most within weeks of the first, some over years."""
    first = rng.integers(FIRST_SESSION, LAST_SESSION)
    span = min(np.exp(rng.normal(14, 2.5)), LAST_SESSION - first)
    later = rng.random(rng.poisson(count / RATINGS_PER_SESSION)) ** 2
    return (first + span * np.sort(np.concatenate([[0], later]))).astype(int)


def _times(rng: np.random.Generator, sessions: np.ndarray, released: np.ndarray) -> np.ndarray:
    """A time for each movie: in a random session, in the last one when the movie was not released before."""
    session = rng.integers(len(sessions), size=len(released))
    session[year_of(sessions)[session] < released] = len(sessions) - 1
    gaps = MEDIAN_GAP * np.exp(SESSION_SPREAD * rng.standard_normal(len(released)))
    return sessions[session] + gaps.cumsum().astype(int)
