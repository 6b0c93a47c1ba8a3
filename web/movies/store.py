"""All reads of movies, users and insights, one method a query.

A request works on a `MoviesView`: the run and the data set that were active when the request came. All its reads use
those two ids, so a page never mixes two runs, even when another run is published while it is being read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from math import ceil
from typing import Any

from flask import current_app, g

from cql.active import ActiveRun
from cql.kinds import Kind
from domain.contract.insights import Insight
from domain.contract.movielens import LISTED, STARS
from domain.serving.display_titles import display_title
from web.app.active import active_runs
from web.app.database import Database, database, select
from web.app.errors import NothingPublished, SchemaMissing

CACHED_MOVIES = 200_000  # more than the largest MovieLens has, whose 88,000 take about 50 MB of a process
FIRST_ROWS = 100  # read at first of movies with a term: a search that shows some tens rarely needs more

MOVIE = select("movies_by_id", "dataset_id", "movie_id")
MOVIES_WITH_TERM = select("movies_by_term", "dataset_id", "kind", "term")
STATISTICS = select("statistics_by_movie", "dataset_id", "movie_id")
COUNTS = select("statistics_by_movie", "dataset_id", "movie_id", columns=("rating_count",))
LINKS = select("links_by_movie", "dataset_id", "movie_id")
TAGS = select("tags_by_movie", "dataset_id", "movie_id", limited=True)
USER = select("users_by_id", "dataset_id", "user_id")
RATINGS = select("ratings_by_user", "dataset_id", "user_id", limited=True)
RATED = select("ratings_by_user", "dataset_id", "user_id", columns=("movie_ids",))
ANOMALIES = select("anomalies_by_user", "dataset_id", "user_id")
INSIGHTS = select("insights_by_dataset", "dataset_id")
INSIGHT = select("insights_by_dataset", "dataset_id", "name")
RECOMMENDATIONS = select("recommendations_by_user", "run_id", "user_id")
LISTED_MOVIES = select("recommendations_by_user", "run_id", "user_id", columns=("user_id", "movie_ids"))
UNSHARED = select(  # for a table that has no column for shares yet
    "recommendations_by_user",
    *("run_id", "user_id"),
    columns=("movie_ids", "scores", "predicted_ratings", "because_ids"),
)
MEASURED = select("measured_lists_by_user", "run_id", "user_id")
SIMILAR = select("similar_by_movie", "run_id", "movie_id")
POPULAR = select("popular_by_genre", "run_id", "genre")
GENRES = ("popular_by_genre", "SELECT genre FROM popular_by_genre WHERE run_id = ?")

ALL_GENRES = "all"


@dataclass(frozen=True)
class Movie:
    """A movie as its data set has it; `year` is None where the title names none."""

    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]

    @cached_property
    def display_title(self) -> str:
        """The title as people say it."""
        return display_title(self.title)

    @cached_property
    def ref(self) -> dict[str, Any]:
        """The movie as answers of the API name it; made once, as a list names some eighty."""
        return {"movie_id": self.movie_id, "title": self.title, "display_title": self.display_title}

    @cached_property
    def info(self) -> dict[str, Any]:
        """The movie as answers of the API list it."""
        return {**self.ref, "year": self.year, "genres": list(self.genres)}


@dataclass(frozen=True)
class Rating:
    """One rating of a user: 0.5 ... 5.0 stars, given at a time in UTC."""

    movie_id: int
    rating: float
    rated_at: datetime


class MovieCache:
    """Movies by data set and id, as they are asked for; never stale, because the movies of a data set never change."""

    def __init__(self, size: int = CACHED_MOVIES) -> None:
        self._size = size
        self._movies: dict[tuple[str, int], Movie] = {}
        self.stars: dict[str, Sequence[float]] = {}  # by data set: what a rating may be
        self.genres: dict[str, list[str]] = {}  # of the run that was asked for last
        self.counts: dict[tuple[str, int], int] = {}  # ratings of those that a list was put in order by

    def get(self, key: tuple[str, int]) -> Movie | None:
        """The movie, or None."""
        return self._movies.get(key)

    def put(self, key: tuple[str, int], movie: Movie) -> None:
        """Keep the movie; with too many, of data sets that are no more, all others go."""
        if len(self._movies) >= self._size:
            self._movies = {}
        self._movies[key] = movie


class MoviesView:
    """The reads of one request, all of one run and of the data set which that run was made from."""

    def __init__(self, database: Database, movies: MovieCache, run: ActiveRun, generated: bool) -> None:
        self._database = database
        self._movies = movies
        self.run_id = run.run_id
        self.dataset_id = run.dataset_id
        self.published_at = run.published_at
        self.generated = generated

    def movie(self, movie_id: int) -> Movie | None:
        """The movie, or None when the id is unknown."""
        return self.movies([movie_id]).get(movie_id)

    def movies(self, movie_ids: Iterable[int]) -> dict[int, Movie]:
        """The movies of these ids by id, without those that are unknown; what is not cached is read at once."""
        known, dataset_id = self._movies.get, self.dataset_id
        wanted = {movie_id: known((dataset_id, movie_id)) for movie_id in movie_ids}
        missing = [(self.dataset_id, movie_id) for movie_id, movie in wanted.items() if movie is None]
        for rows in self._database.each(MOVIE, missing) if missing else []:
            for row in rows:
                wanted[row.movie_id] = as_movie(row)
                self._movies.put((self.dataset_id, row.movie_id), as_movie(row))
        return {movie_id: movie for movie_id, movie in wanted.items() if movie is not None}

    def movies_with_terms(self, terms: Iterable[tuple[str, str]]) -> list[Iterator[Any]]:
        """Rows of movies_by_term of each kind and term, most rated first, read in pages as they are taken."""
        keys = [(self.dataset_id, kind, term) for kind, term in terms]
        return self._database.streams(MOVIES_WITH_TERM, keys, FIRST_ROWS)

    def statistics(self, movie_id: int) -> Any | None:
        """The row of statistics_by_movie."""
        return self._database.one(STATISTICS, self.dataset_id, movie_id)

    def rating_counts(self, movie_ids: Iterable[int]) -> dict[int, int]:
        """How many ratings each of the movies has, by id."""
        keys = [(self.dataset_id, movie_id) for movie_id in movie_ids]
        if len(self._movies.counts) > CACHED_MOVIES:
            self._movies.counts = {}
        known = self._movies.counts
        missing = [key for key in keys if key not in known]
        for key, rows in zip(missing, self._database.each(COUNTS, missing) if missing else [], strict=True):
            known[key] = rows[0].rating_count if rows else 0
        return {movie_id: known[dataset_id, movie_id] for dataset_id, movie_id in keys}

    def links(self, movie_id: int) -> Any | None:
        """The row of links_by_movie."""
        return self._database.one(LINKS, self.dataset_id, movie_id)

    def tags(self, movie_id: int, limit: int) -> list[Any]:
        """Rows of tags_by_movie, most used first."""
        return list(self._database.rows(TAGS, self.dataset_id, movie_id, limit))

    def user(self, user_id: int) -> Any | None:
        """The row of users_by_id, or None when the user is unknown."""
        return self._database.one(USER, self.dataset_id, user_id)

    def anomalies(self, user_id: int) -> Any | None:
        """The row of anomalies_by_user, or None when the data set was not checked for anomalies."""
        return self._database.one(ANOMALIES, self.dataset_id, user_id)

    def ratings(self, user_id: int, limit: int) -> list[Rating]:
        """The user's ratings, newest first."""
        blocks = self._database.rows(RATINGS, self.dataset_id, user_id, ceil(limit / LISTED))
        newest = (rating for row in blocks for rating in zip(row.movie_ids, row.ratings, row.rated_at, strict=True))
        return [Rating(movie, stars, at.replace(tzinfo=UTC)) for movie, stars, at in islice(newest, limit)]

    def rated_movie_ids(self, user_id: int) -> set[int]:
        """Every movie that the user rated."""
        return {movie for row in self._database.rows(RATED, self.dataset_id, user_id) for movie in row.movie_ids}

    def recommendations(self, user_id: int) -> Any | None:
        """The row of recommendations_by_user, or None when the run has no list for the user.

        It has no `because_shares` where an update waits for `ALTER TABLE`.
        """
        try:
            return self._database.one(RECOMMENDATIONS, self.run_id, user_id)
        except SchemaMissing:
            return self._database.one(UNSHARED, self.run_id, user_id)

    def listed_movie_ids(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        """The movies of the lists of these users by user, best first, without users who have none."""
        partitions = self._database.each(LISTED_MOVIES, [(self.run_id, user_id) for user_id in user_ids])
        return {row.user_id: row.movie_ids for rows in partitions for row in rows}

    def measured_list(self, user_id: int) -> Any | None:
        """The row of measured_lists_by_user, or None when the user was not measured."""
        return self._database.one(MEASURED, self.run_id, user_id)

    def similar(self, movie_id: int) -> Any | None:
        """The row of similar_by_movie, or None when nothing is known that would tell."""
        return self._database.one(SIMILAR, self.run_id, movie_id)

    def popular(self, genre: str | None) -> Any | None:
        """The row of popular_by_genre; None asks for all genres."""
        return self._database.one(POPULAR, self.run_id, genre or ALL_GENRES)

    def genres(self) -> list[str]:
        """Names of the genres that have a list of popular movies."""
        known = self._movies.genres.get(self.run_id)
        if known is None:
            known = [row.genre for row in self._database.rows(GENRES, self.run_id) if row.genre != ALL_GENRES]
            self._movies.genres = {self.run_id: known}
        return known

    def stars(self) -> Sequence[float]:
        """What a rating of the data set may be, rising: the stars that histograms count."""
        known = self._movies.stars.get(self.dataset_id)
        if known is None and (known := self.insight(Insight.RATINGS_BY_STAR).get("rating")):
            self._movies.stars[self.dataset_id] = known
        return known or STARS

    def insights(self) -> dict[str, dict[str, list[Any]]]:
        """The columns of every figure by its name."""
        return {row.name: json.loads(row.data) for row in self._database.rows(INSIGHTS, self.dataset_id)}

    def insight(self, name: str) -> dict[str, list[Any]]:
        """The columns of one figure, none when it was not computed."""
        row = self._database.one(INSIGHT, self.dataset_id, name)
        return json.loads(row.data) if row else {}


def as_movie(row: Any) -> Movie:
    """The movie in a row that has its columns; an empty list is stored as null."""
    return Movie(row.movie_id, row.title, row.year, tuple(row.genres or ()))


def movies_view() -> MoviesView:
    """The reads of this request: the same run and data set from its beginning to its end.

    Raises:
        NothingPublished: no recommendations are published yet.
    """
    if "movies_view" not in g:
        run = active_runs().published(Kind.RECOMMENDATIONS)
        generated = active_runs().note_invented(Kind.RECOMMENDATIONS, run)
        g.movies_view = MoviesView(database(), current_app.extensions["recommender.movies"], run, generated)
    return g.movies_view


def movies_view_or_none() -> MoviesView | None:
    """The view of movies, None before the first run is published: for what is only shown beside something else."""
    try:
        return movies_view()
    except NothingPublished:
        return None
