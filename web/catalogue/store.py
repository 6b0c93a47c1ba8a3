"""All reads of the catalogue, one method a query; they return null for what is not known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app, g

from cql.kinds import Kind
from domain.contract.catalogue import HIGHEST_SCORE, NONE, TENTHS
from web.app.active import RUN, active_runs
from web.app.database import Database, database, select
from web.app.errors import NothingPublished
from web.movies.store import MoviesView

MEDIA = select("media_by_id", "run_id", "media_id")
MEDIA_OF_MOVIE = select("media_by_movie", "run_id", "linked_dataset", "movie_id")
CREDITS = select("credits_by_title", "run_id", "media_id")
PERSON = select("people_by_id", "run_id", "person_id")
OF_PERSON = select("titles_by_person", "run_id", "role", "name_key")
OF_SCORE = select("titles_by_score", "run_id", "facet", "value", "score")
_TABLE, _QUERY = select("titles_by_year", "run_id", "facet", "value", "year")
OF_YEAR = (_TABLE, f"{_QUERY} AND score >= ? AND score <= ?")
FACETS = select("facets_by_run", "run_id")
PEOPLE_OF_HEAD = select("people_by_head", "run_id", "head")
TITLES_OF_HEAD = select("titles_by_head", "run_id", "head")
SIMILAR = select("similar_by_title", "run_id", "media_id")
FEEDBACK = select("feedback_by_user", "user_id")
PUT_FEEDBACK = (
    "feedback_by_user",
    "INSERT INTO feedback_by_user (user_id, media_id, vote, voted_at) VALUES (?, ?, ?, ?)",
)
DELETE_FEEDBACK = ("feedback_by_user", "DELETE FROM feedback_by_user WHERE user_id = ? AND media_id = ?")

FIRST_BLOCKS, MORE_BLOCKS = 1, 4  # of names, 300 each: a list of people with a common name rarely needs more than one


@dataclass(frozen=True)
class Title:
    """A movie or show as it stands in lists: `score` in tenths; `score` and `votes` are -1 where they are not known."""

    media_id: str
    title: str
    type: str
    year: int
    certification: str | None
    genres: tuple[str, ...]
    countries: tuple[str, ...]
    score: int
    votes: int

    @classmethod
    def of(cls, row: Any) -> Title:
        """The title in a row of a table of lists."""
        return cls(
            row.media_id,
            row.title,
            row.type,
            row.year,
            row.certification,
            tuple(row.genres or ()),
            tuple(row.countries or ()),
            row.score,
            row.votes,
        )

    @classmethod
    def of_media(cls, row: Any) -> Title:
        """The title in a row of media_by_id."""
        score = NONE if row.score is None else round(row.score * TENTHS)
        return cls.of(row._replace(score=score, votes=NONE if row.votes is None else row.votes))


@dataclass(frozen=True)
class Person:
    """A person with the number of titles they acted in and the number they directed."""

    person_id: int
    name: str
    acted: int
    directed: int

    @classmethod
    def of(cls, row: Any) -> Person:
        """The person in a row of people_by_id."""
        return cls(row.person_id, row.name, row.acted, row.directed)


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet: its titles, how many have each score (tenths, highest first) and each year (newest first).

    `most_votes` are those of the best-known title of each score.
    """

    title_count: int
    by_score: dict[int, int]
    most_votes: dict[int, int]
    by_year: dict[int, int]


Facets = dict[str, dict[str, FacetValue]]


class FacetCache:
    """The facets of the run that was asked for last; never stale, because those of a run never change."""

    def __init__(self) -> None:
        self._of_run: tuple[str, Facets] | None = None

    def get(self, run_id: str) -> Facets | None:
        """The facets of the run, or None if another one was asked for last."""
        kept = self._of_run
        return kept[1] if kept and kept[0] == run_id else None

    def put(self, run_id: str, facets: Facets) -> None:
        """Keep the facets of this run in place of those of another."""
        self._of_run = (run_id, facets)


class CatalogueView:
    """The reads of one request, all of one run of build_catalogue."""

    def __init__(self, database: Database, cache: FacetCache, run_id: str, generated: bool) -> None:
        self._database = database
        self._cache = cache
        self.run_id = run_id
        self.generated = generated

    def is_of(self, movies: MoviesView) -> bool:
        """Whether its titles may be these movies: invented ones are no real movies, whatever links an old run has."""
        return movies.generated or not self.generated

    def media(self, media_ids: Iterable[str]) -> dict[str, Any]:
        """The rows of media_by_id by id, without ids that are unknown."""
        partitions = self._database.each(MEDIA, [(self.run_id, media_id) for media_id in dict.fromkeys(media_ids)])
        return {row.media_id: row for rows in partitions for row in rows}

    def media_of_movie(self, dataset_id: str, movie_id: int) -> str | None:
        """The id of the title that is this MovieLens movie."""
        row = self._database.one(MEDIA_OF_MOVIE, self.run_id, dataset_id, movie_id)
        return row and row.media_id

    def credits(self, media_id: str) -> list[Any]:
        """Rows of credits_by_title: actors, then directors, each in the order of the credits."""
        return list(self._database.rows(CREDITS, self.run_id, media_id))

    def people(self, person_ids: Iterable[int]) -> dict[int, Any]:
        """The rows of people_by_id by id, without ids that are unknown."""
        partitions = self._database.each(PERSON, [(self.run_id, person_id) for person_id in dict.fromkeys(person_ids)])
        return {row.person_id: row for rows in partitions for row in rows}

    def of_person(self, role: str, name_key: str) -> list[Any]:
        """Rows of titles_by_person, best score first."""
        return list(self._database.rows(OF_PERSON, self.run_id, role, name_key))

    def of_scores(self, facet: str, value: str, scores: Sequence[int], page: int) -> list[Iterator[Title]]:
        """For each score (tenths) its titles, most votes first; `page` of each are read at once."""
        keys = [(self.run_id, facet, value, score) for score in scores]
        return [map(Title.of, rows) for rows in self._database.streams(OF_SCORE, keys, page)]

    def of_years(
        self, facet: str, value: str, years: Sequence[int], scores: tuple[int, int] | None, page: int
    ) -> list[Iterator[Title]]:
        """For each year its titles, best score first, between the two scores (tenths) if given."""
        low, high = scores or (NONE, HIGHEST_SCORE)
        keys = [(self.run_id, facet, value, year, low, high) for year in years]
        return [map(Title.of, rows) for rows in self._database.streams(OF_YEAR, keys, page)]

    def facets(self) -> Facets:
        """The values of every facet, read once for each run."""
        facets = self._cache.get(self.run_id)
        if facets is None:
            facets = {}
            for row in self._database.rows(FACETS, self.run_id):
                by_score = dict(zip(row.scores or (), row.score_counts or (), strict=True))
                by_year = dict(zip(row.years or (), row.year_counts or (), strict=True))
                most_votes = dict(zip(row.scores or (), row.most_votes or (), strict=True))
                value = FacetValue(row.title_count, by_score, most_votes, by_year)
                facets.setdefault(row.facet, {})[row.value] = value
            self._cache.put(self.run_id, facets)
        return facets

    def people_of_head(self, head: str) -> Iterator[Person]:
        """People filed under the beginning of a name, most credits first, read in pages."""
        for row in self._blocks(PEOPLE_OF_HEAD, head):
            yield from map(Person, row.person_ids, row.names, row.acted, row.directed)

    def titles_of_head(self, head: str) -> Iterator[Title]:
        """Titles filed under the beginning of a word, most votes first, read in pages."""
        for row in self._blocks(TITLES_OF_HEAD, head):
            certifications = (name or None for name in row.certifications)
            lists = map(tuple, row.genres), map(tuple, row.countries)
            columns = row.media_ids, row.titles, row.types, row.years, certifications, *lists, row.scores, row.votes
            yield from map(Title, *columns)

    def _blocks(self, query: tuple[str, str], head: str) -> Iterator[Any]:
        return self._database.streams(query, [(self.run_id, head)], FIRST_BLOCKS, MORE_BLOCKS)[0]

    def similar(self, media_id: str) -> Any | None:
        """The row of similar_by_title, None for a title that has nothing in common with others."""
        return self._database.one(SIMILAR, self.run_id, media_id)

    def medias_of_movies(self, dataset_id: str, movie_ids: Iterable[int]) -> dict[int, str]:
        """The ids of the titles that are these MovieLens movies, by movie id."""
        partitions = self._database.each(
            MEDIA_OF_MOVIE, [(self.run_id, dataset_id, movie_id) for movie_id in movie_ids]
        )
        return {row.movie_id: row.media_id for rows in partitions for row in rows}

    def similars(self, media_ids: Iterable[str]) -> list[Any]:
        """The rows of similar_by_title for these titles."""
        partitions = self._database.each(SIMILAR, [(self.run_id, media_id) for media_id in media_ids])
        return [row for rows in partitions for row in rows]

    def feedback(self, user_id: int) -> list[Any]:
        """All rows of feedback_by_user of the user, newest first; the table has them by id of the title."""
        rows = self._database.rows(FEEDBACK, user_id)
        return sorted(rows, key=lambda row: (row.voted_at, row.media_id), reverse=True)

    def put_feedback(self, user_id: int, media_id: str, vote: int) -> None:
        """Store a vote, 1 for a like and -1 for a dislike; it replaces an earlier one."""
        self._database.write(PUT_FEEDBACK, user_id, media_id, vote, datetime.now(UTC))

    def delete_feedback(self, user_id: int, media_id: str) -> None:
        """Delete the user's vote on the title."""
        self._database.write(DELETE_FEEDBACK, user_id, media_id)

    def record(self) -> dict[str, Any]:
        """The record of the run that built the catalogue; empty between its publication and its end."""
        row = self._database.one(RUN, Kind.CATALOGUE.job, self.run_id)
        return json.loads((row and row.record) or "{}")


def catalogue_view() -> CatalogueView:
    """The reads of this request, all of one run.

    Raises:
        NothingPublished: no catalogue is published yet.
    """
    if "catalogue_view" not in g:
        run = active_runs().published(Kind.CATALOGUE)
        generated = active_runs().note_invented(Kind.CATALOGUE, run)
        g.catalogue_view = CatalogueView(
            database(), current_app.extensions["recommender.facets"], run.run_id, generated
        )
    return g.catalogue_view


def catalogue_beside_movies() -> CatalogueView | None:
    """The catalogue for pages of users and movies: None where there is none, or an invented one beside real ratings."""
    runs = active_runs()
    catalogue, movies = runs.get(Kind.CATALOGUE), runs.get(Kind.RECOMMENDATIONS)
    if catalogue is None:
        return None
    if movies and runs.is_invented(Kind.CATALOGUE, catalogue) and not runs.is_invented(Kind.RECOMMENDATIONS, movies):
        return None
    return catalogue_view()


def catalogue_view_or_none() -> CatalogueView | None:
    """The view of the catalogue, None before the first catalogue is published."""
    try:
        return catalogue_view()
    except NothingPublished:
        return None
