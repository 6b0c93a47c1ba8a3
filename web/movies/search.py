"""Search for movies by words of the title, whole or begun, by genre and year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from typing import Any

from domain.contract.titles import begin_words, title_words, word_head
from web.movies.lists import popular
from web.movies.store import Movie, MoviesView, as_movie

MOST_ROWS = 5_000  # of movies that are looked at under one term; the most rated of them


@dataclass(frozen=True)
class FoundMovie:
    """A movie and how often it was rated."""

    movie: Movie
    rating_count: int


def search(view: MoviesView, text: str, genre: str | None, year: int | None, limit: int) -> list[FoundMovie]:
    """At most `limit` movies in whose title each word of `text` begins a word, of the genre and of the year if given.

    Most rated first. Nothing matches a text without a letter or digit; without any condition the popular movies are
    returned. Data sets that were stored without beginnings of words are searched for the whole longest word.
    """
    words = title_words(text)
    if text.strip() and not words:
        return []
    if not words and genre is None and year is None:
        return [FoundMovie(each.movie, each.rating_count) for each in popular(view, None, limit)]
    rows = most_rated_first(view.movies_with_terms(narrowest_terms(words, genre, year)))
    found = islice(filter(matcher(words, genre, year), rows), limit)
    return [FoundMovie(as_movie(row), row.rating_count) for row in found]


def narrowest_terms(words: Sequence[str], genre: str | None, year: int | None) -> list[tuple[str, str]]:
    """Kinds and terms under which to look: those of the longest word, which is likely the rarest; of two the last.

    Raises:
        ValueError: there is neither a word nor a genre nor a year.
    """
    if words:
        longest = max(reversed(words), key=len)
        head = word_head(longest)
        return [("word", longest)] + ([("head", head)] if head else [])
    if year is not None:  # rarer than a genre
        return [("year", f"{year:04d}")]
    if genre is not None:
        return [("genre", genre)]
    raise ValueError("a search needs a word, a genre or a year")


def most_rated_first(streams: Sequence[Iterator[Any]]) -> Iterator[Any]:
    """Rows of movies_by_term of several terms in one order, each movie once; of a term at most MOST_ROWS are read."""

    def order(row: Any) -> tuple[int, int]:
        return -row.rating_count, row.movie_id

    merged = merge(*(islice(rows, MOST_ROWS) for rows in streams), key=order)
    return (next(same) for _, same in groupby(merged, order))


def matcher(words: Sequence[str], genre: str | None, year: int | None) -> Callable[[Any], bool]:
    """A function that tells whether a row of movies_by_term matches."""
    wanted = set(words)

    def matches(row: Any) -> bool:
        of_genre = genre is None or genre in (row.genres or ())
        of_year = year is None or row.year == year
        return of_genre and of_year and begin_words(wanted, row.title)

    return matches
