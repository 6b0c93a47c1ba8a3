"""The movies of the sample: ids, titles, years, genres and links, as MovieLens writes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.generators.random_streams import Stream, generator
from domain.generators.titles import make_titles

# genre -> movies of ml-latest-small that have it
GENRES = {
    "Action": 1828,
    "Adventure": 1263,
    "Animation": 611,
    "Children": 664,
    "Comedy": 3756,
    "Crime": 1199,
    "Documentary": 440,
    "Drama": 4361,
    "Fantasy": 779,
    "Film-Noir": 87,
    "Horror": 978,
    "IMAX": 158,
    "Musical": 334,
    "Mystery": 573,
    "Romance": 1596,
    "Sci-Fi": 980,
    "Thriller": 1894,
    "War": 382,
    "Western": 167,
}
NO_GENRES = "(no genres listed)"
NO_GENRES_SHARE = 0.0035
GENRES_PER_MOVIE = (0.29, 0.33, 0.25, 0.10, 0.03)  # shares of movies with 1, 2, … 5 genres
NO_TMDB_SHARE = 0.001
# release years of ml-latest-small: (share of movies not later, year)
YEAR_QUANTILES = ((0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1), (1902, 1954, 1967, 1988, 1999, 2008, 2013, 2018))
MIN_MOVIES = 100  # with fewer, a viewer of 1996 could not find 20 movies


@dataclass(frozen=True)
class Movies:
    """The movies by rising id; `has_genre` is movies × genres in the order of `GENRES`."""

    ids: np.ndarray
    titles: list[str]
    years: np.ndarray
    has_genre: np.ndarray
    imdb: np.ndarray
    tmdb: np.ndarray  # 0 where the movie has none

    def genres(self) -> list[str]:
        """The genres of each movie as movies.csv has them: `Comedy|Drama`."""
        names = np.array(list(GENRES))
        return ["|".join(names[row]) or NO_GENRES for row in self.has_genre]


def make_movies(seed: int, count: int) -> Movies:
    """Draw `count` movies, whose ids rise with gaps, like MovieLens'.

    Raises:
        ValueError: fewer than `MIN_MOVIES` movies are asked for.
    """
    if count < MIN_MOVIES:
        raise ValueError(f"{count} movies are too few: ask for {MIN_MOVIES} or more")
    rng = generator(seed, Stream.MOVIES)
    years = _years(rng, count)
    return Movies(
        ids=rng.geometric(0.3, count).cumsum(),
        titles=make_titles(years, generator(seed, Stream.TITLES)),
        years=years,
        has_genre=_genres(rng, count),
        imdb=np.sort(rng.choice(9_999_999, count, replace=False) + 1),
        tmdb=np.where(_some(rng, count, NO_TMDB_SHARE), 0, rng.choice(999_999, count, replace=False) + 1),
    )


def _years(rng: np.random.Generator, movies: int) -> np.ndarray:
    """Exactly the shares of `YEAR_QUANTILES`, so that enough movies are old at any seed."""
    share = (rng.permutation(movies) + 0.5) / movies
    return np.interp(share, *YEAR_QUANTILES).round().astype(int)


def _genres(rng: np.random.Generator, movies: int) -> np.ndarray:
    wanted = rng.choice(len(GENRES_PER_MOVIE), movies, p=GENRES_PER_MOVIE) + 1
    race = rng.exponential(size=(movies, len(GENRES))) / np.array(list(GENRES.values()))
    has_genre = race.argsort(axis=1).argsort(axis=1) < wanted[:, None]
    has_genre[_some(rng, movies, NO_GENRES_SHARE)] = False
    return has_genre


def _some(rng: np.random.Generator, movies: int, share: float) -> np.ndarray:
    """A mask of that share of the movies, at least one."""
    mask = np.zeros(movies, dtype=bool)
    mask[rng.choice(movies, max(1, round(share * movies)), replace=False)] = True
    return mask
