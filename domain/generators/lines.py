"""The sample's rows as lines of MovieLens' CSV files, without the line ends."""

from __future__ import annotations

import re

from domain.generators.movies import Movies

Rows = list[tuple[int, float | str, int]]  # movie id, stars or tag (as CSV), seconds since 1970

_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def csv_line(*fields: object) -> str:
    """The fields as one line, quoted where RFC 4180 demands it."""
    texts = map(str, fields)
    return ",".join('"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text for text in texts)


def movie_lines(movies: Movies) -> list[str]:
    """Lines of movies.csv by rising id."""
    rows = zip(movies.ids.tolist(), movies.titles, movies.genres(), strict=True)
    return [csv_line(*row) for row in rows]


def link_lines(movies: Movies) -> list[str]:
    """Lines of links.csv by rising id; a movie without tmdbId has an empty field."""
    rows = zip(movies.ids.tolist(), movies.imdb.tolist(), movies.tmdb.tolist(), strict=True)
    return [f"{movie},{imdb:07d},{tmdb or ''}" for movie, imdb, tmdb in rows]


def user_file_lines(user: int, rows: Rows) -> list[str]:
    """Lines of ratings.csv or tags.csv of one user."""
    return [f"{user},{movie},{value},{time}" for movie, value, time in rows]
