"""A data set in the form of MovieLens: what is drawn once for all, and the lines of each user.

A user's lines depend on nothing but the sample and the user, so that any task may make them. Movies and links, users,
ratings, tags, fakes and bad lines each have a module of their own beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.generators.dirt import Bad, DirtPlan, plan_dirt
from domain.generators.fakes import Fake, fake_ratings
from domain.generators.lines import Rows, csv_line, link_lines, movie_lines, user_file_lines
from domain.generators.movies import Movies, make_movies
from domain.generators.random_streams import Stream, generator
from domain.generators.ratings import Ratings, genuine_ratings
from domain.generators.tags import make_tags
from domain.generators.tastes import Tastes, make_tastes
from domain.generators.users import ATTACKS, GENUINE, Users, make_users

MAX_TAG_DELAY = 60  # seconds from a rating to the user's tag
DAY = 86_400  # by how much a planted duplicate differs in time from the line that it repeats
PLANTED = "planted_dirt"

Lines = dict[str, list[str]]  # by file (`PLANTED` is the truth about the bad lines of the others): lines without ends


@dataclass(frozen=True)
class SampleSizes:
    """The size of a sample: genuine users, movies, and ratings by genuine users.

    On top come bad lines, `dirt_share` for each good one, and fakes, `fake_share` for each genuine user.
    """

    users: int
    movies: int
    ratings: int
    dirt_share: float = 0.0
    fake_share: float = 0.0


@dataclass(frozen=True)
class Sample:
    """Everything that is drawn before the users' own lines; `dirt` by file."""

    seed: int
    movies: Movies
    tastes: Tastes
    users: Users
    dirt: dict[str, DirtPlan]

    @property
    def rows(self) -> dict[str, int]:
        """Good lines of each file, those of fake profiles included."""
        movies, users = len(self.movies.ids), self.users
        return {"movies": movies, "ratings": int(users.ratings.sum()), "tags": int(users.tags.sum()), "links": movies}


def make_sample(seed: int, sizes: SampleSizes) -> Sample:
    """A sample of exactly these sizes.

    Raises:
        ValueError: no such data set can be made.
    """
    movies = make_movies(seed, sizes.movies)
    people = make_users(seed, sizes.users, sizes.movies, sizes.ratings, sizes.fake_share)
    clean = Sample(seed, movies, make_tastes(seed, movies), people, dirt={})
    rng = generator(seed, Stream.DIRT)
    places = {"ratings": np.arange(len(people)), "tags": np.flatnonzero(people.tags)}
    dirt = {
        file: plan_dirt(rng, file, rows, sizes.dirt_share, places.get(file, np.arange(sizes.movies)))
        for file, rows in clean.rows.items()
    }
    return Sample(seed, movies, clean.tastes, people, dirt)


def user_ratings(sample: Sample, user: int) -> Ratings:
    """The ratings of `user` (from 1 on): the same whenever they are asked for."""
    place, people, years = user - 1, sample.users, sample.movies.years
    rng, count = generator(sample.seed, Stream.RATINGS, user), int(people.ratings[place])
    if people.attack[place] == GENUINE:
        return genuine_ratings(rng, sample.tastes, years, count)
    fake = Fake(ATTACKS[people.attack[place]], int(people.target[place]), count)
    return fake_ratings(rng, generator(sample.seed, Stream.FAKES, fake.target), sample.tastes, years, fake)


def user_lines(sample: Sample, user: int) -> Lines:
    """The user's lines of ratings and tags: good ones by movie, then bad ones."""
    ratings = user_ratings(sample, user)
    rated, tagged = _rated(sample, ratings), _tagged(sample, user, ratings)
    bad_ratings = _bad_lines(sample, "ratings", user, rated)
    bad_tags = _bad_lines(sample, "tags", user, tagged)
    return {
        "ratings": user_file_lines(user, rated) + [text for _, text in bad_ratings],
        "tags": user_file_lines(user, tagged) + [text for _, text in bad_tags],
        PLANTED: _truth("ratings", bad_ratings) + _truth("tags", bad_tags),
    }


def movie_and_link_lines(sample: Sample) -> Lines:
    """The lines of movies and links by rising id, each bad one after the good one that it was made from."""
    movies, bad_movies = _interleaved(sample, "movies", movie_lines(sample.movies))
    links, bad_links = _interleaved(sample, "links", link_lines(sample.movies))
    return {"movies": movies, "links": links, PLANTED: _truth("movies", bad_movies) + _truth("links", bad_links)}


def fake_lines(sample: Sample) -> list[str]:
    """The truth about fake profiles: user id, attack (its name in full), movie id of the target."""
    users, ids = sample.users, sample.movies.ids
    fakes = np.flatnonzero(users.attack != GENUINE).tolist()
    names = [attack.name.lower() for attack in ATTACKS]
    return [f"{place + 1},{names[users.attack[place]]},{ids[users.target[place]]}" for place in fakes]


def _rated(sample: Sample, ratings: Ratings) -> Rows:
    ids = sample.movies.ids[ratings.movies].tolist()
    return list(zip(ids, ratings.stars.tolist(), ratings.times.tolist(), strict=True))


def _tagged(sample: Sample, user: int, ratings: Ratings) -> Rows:
    count = int(sample.users.tags[user - 1])
    if not count:
        return []
    rng = generator(sample.seed, Stream.TAGS, user)
    chosen = np.sort(rng.choice(len(ratings.movies), count, replace=False))
    movies = ratings.movies[chosen]
    tags = [csv_line(tag) for tag in make_tags(rng, sample.movies.has_genre[movies])]
    times = ratings.times[chosen] + rng.integers(MAX_TAG_DELAY, size=count)
    return list(zip(sample.movies.ids[movies].tolist(), tags, times.tolist(), strict=True))


def _bad_lines(sample: Sample, file: str, user: int, rows: Rows) -> list[Bad]:
    """The user's bad lines, each made from another of the good `rows`."""
    unknown = int(sample.movies.ids[-1]) + 1
    bad = []
    for number, (reason, line) in enumerate(sample.dirt[file].at(user - 1)):
        movie, value, time = rows[(user + number) % len(rows)]  # the plan is random enough
        fields = {"user": user, "movie": movie, "value": value, "time": time, "unknown": unknown}
        bad.append((reason, line.format(**fields, earlier=time - DAY, later=time + DAY)))
    return bad


def _interleaved(sample: Sample, file: str, good: list[str]) -> tuple[list[str], list[Bad]]:
    """All lines of a file of movies in its order, and the bad ones."""
    ids = sample.movies.ids.tolist()
    lines: list[str] = []
    bad: list[Bad] = []
    for place, (movie, line) in enumerate(zip(ids, good, strict=True)):
        fields = {"line": line, "movie": movie, "unknown": ids[-1] + 1 + place}
        here = [(reason, text.format(**fields)) for reason, text in sample.dirt[file].at(place)]
        lines += [line, *(text for _, text in here)]
        bad += here
    return lines, bad


def _truth(file: str, bad: list[Bad]) -> list[str]:
    """Lines of the truth; a byte that is not UTF-8 reads as U+FFFD, as it does to whoever opens the file."""
    readable = [(reason, text.encode(errors="surrogateescape").decode(errors="replace")) for reason, text in bad]
    return [csv_line(f"{file}.csv", reason.value, text) for reason, text in readable]
