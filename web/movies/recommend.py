"""Which movies a user is shown: their own list where the run has one, else what is popular and new to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from web.app.errors import NotFound
from web.movies.store import Movie, MoviesView


@dataclass(frozen=True)
class Reason:
    """A movie that a user rated, and its share of what rated movies add to a score; None where no share is stored."""

    movie: Movie
    share: float | None


@dataclass(frozen=True)
class Recommendation:
    """A movie for a user. `score` orders the list; for a popular movie it is the Bayesian mean in stars."""

    movie: Movie
    score: float | None = None
    predicted_rating: float | None = None
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Recommendations:
    """A list and its source, `als` for every list of the published model; `known`: is the user in the data?"""

    source: Literal["als", "popular"]
    known: bool
    items: list[Recommendation]


@dataclass(frozen=True)
class PopularMovie:
    """A movie with its Bayesian mean in stars and its number of ratings."""

    movie: Movie
    score: float
    rating_count: int


def resolve_genre(view: MoviesView, genre: str | None) -> str | None:
    """The genre spelled as published, whatever case was typed; None for none.

    Raises:
        NotFound: there is no such genre; the message lists the ones that exist.
    """
    if not genre:
        return None
    genres = view.genres()
    for name in genres:
        if name.casefold() == genre.casefold():
            return name
    raise NotFound(f"There is no genre «{genre}». There are: {', '.join(genres)}.")


def recommend(view: MoviesView, user_id: int, limit: int, genre: str | None = None) -> Recommendations:
    """At most `limit` movies, best first, none of which the user rated.

    A user without a list, or with nothing of `genre` on it, gets popular movies of the genre.
    """
    row = view.recommendations(user_id)
    items = _own(view, row, limit, genre) if row else []
    if items:
        return Recommendations("als", True, items)
    known = row is not None or view.user(user_id) is not None
    rated = view.rated_movie_ids(user_id) if known else set()
    chosen = popular(view, genre, limit, without=rated)
    return Recommendations("popular", known, [Recommendation(each.movie, each.score) for each in chosen])


def measured(view: MoviesView, user_id: int, limit: int) -> Recommendations:
    """The first `limit` movies of the list that the user's hold-out was measured on.

    Raises:
        NotFound: the user was not measured, or the run is of a version that stored no such lists.
    """
    row = view.measured_list(user_id)
    if row is None:
        raise NotFound(f"No list of user {user_id} was measured for run {view.run_id}.")
    movie_ids = row.movie_ids[:limit]
    movies = view.movies(movie_ids)
    return Recommendations("als", True, [Recommendation(movies[each]) for each in movie_ids if each in movies])


def _own(view: MoviesView, row: Any, limit: int, genre: str | None) -> list[Recommendation]:
    considered = len(row.movie_ids) if genre else limit
    entries = list(zip(row.movie_ids, row.scores, row.predicted_ratings, _reasons(row), strict=True))[:considered]
    movies = view.movies({each for movie_id, _, _, why in entries for each in (movie_id, *dict(why))})
    return [
        Recommendation(
            movies[movie_id], score, stars, tuple(Reason(movies[each], share) for each, share in why if each in movies)
        )
        for movie_id, score, stars, why in entries
        if movie_id in movies and _is_of(movies[movie_id], genre)
    ][:limit]


def _reasons(row: Any) -> list[list[tuple[int, float | None]]]:
    """For each movie of a list the ids of the movies it is there for, with their shares, most first.

    There are as many places for each movie; 0 is none. Older versions stored one each, and no shares.
    """
    ids, shares = row.because_ids or (), getattr(row, "because_shares", None)
    places = len(ids) // len(row.movie_ids) if row.movie_ids else 0
    found = list(zip(ids, shares or [None] * len(ids), strict=True))
    starts = (places * at for at in range(len(row.movie_ids)))
    return [[reason for reason in found[start : start + places] if reason[0]] for start in starts]


def _is_of(movie: Movie, genre: str | None) -> bool:
    return genre is None or genre in movie.genres


def popular(view: MoviesView, genre: str | None, limit: int, without: Iterable[int] = ()) -> list[PopularMovie]:
    """At most `limit` popular movies of a genre (None: of all), best first, without the given ids."""
    row = view.popular(genre)
    if row is None:
        return []
    left_out = set(without)
    ranked = zip(row.movie_ids, row.scores, row.rating_counts, strict=True)
    entries = [entry for entry in ranked if entry[0] not in left_out][:limit]
    movies = view.movies(entry[0] for entry in entries)
    return [PopularMovie(movies[entry[0]], entry[1], entry[2]) for entry in entries if entry[0] in movies]


def similar(view: MoviesView, movie_id: int, limit: int) -> list[tuple[Movie, float]]:
    """At most `limit` movies that are most like this one, and how much; none where nothing is known that would tell."""
    row = view.similar(movie_id)
    if row is None:
        return []
    entries = list(zip(row.movie_ids, row.scores, strict=True))[:limit]
    movies = view.movies(entry[0] for entry in entries)
    return [(movies[each], score) for each, score in entries if each in movies]
