"""Search for movies by words of the title, genre and year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.contract.titles import title_words
from web.movies.lists import popular
from web.movies.store import Movie, MoviesView, as_movie


@dataclass(frozen=True)
class FoundMovie:
    """A movie and how often it was rated."""

    movie: Movie
    rating_count: int


def search(view: MoviesView, text: str, genre: str | None, year: int | None, limit: int) -> list[FoundMovie]:
    """At most `limit` movies with all words of `text` in the title, of the genre and of the year, each if given.

    Most rated first. Nothing matches a text without a letter or digit; without any condition the popular movies are
    returned. Reads one partition of movies_by_term in pages, and no further than it must.
    """
    words = title_words(text)
    if text.strip() and not words:
        return []
    if not words and genre is None and year is None:
        return [FoundMovie(each.movie, each.rating_count) for each in popular(view, None, limit)]
    matches = matcher(words, genre, year)
    rows = view.movies_with_term(*narrowest_term(words, genre, year))
    return [FoundMovie(as_movie(row), row.rating_count) for row in islice(filter(matches, rows), limit)]


def narrowest_term(words: Sequence[str], genre: str | None, year: int | None) -> tuple[str, str]:
    """Kind and term of the partition to read: the longest word is likely the rarest, and a year is rarer than a genre.

    Raises:
        ValueError: there is neither a word nor a genre nor a year.
    """
    if words:
        return "word", max(words, key=len)
    if year is not None:
        return "year", f"{year:04d}"
    if genre is not None:
        return "genre", genre
    raise ValueError("a search needs a word, a genre or a year")


def matcher(words: Sequence[str], genre: str | None, year: int | None) -> Callable[[Any], bool]:
    """A function that tells whether a row of movies_by_term matches."""
    wanted = set(words)

    def matches(row: Any) -> bool:
        of_genre = genre is None or genre in (row.genres or ())
        of_year = year is None or row.year == year
        return of_genre and of_year and wanted.issubset(title_words(row.title))

    return matches
