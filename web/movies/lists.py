"""Lists of movies that are the same for everybody: popular ones, and those like one movie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from web.app.errors import NotFound
from web.movies.store import Movie, MoviesView


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
