"""Where a search looks, in which order, and what it keeps."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from web.movies.search import MOST_ROWS, matcher, most_rated_first, narrowest_terms


def row(title: str = "The Lake", year: int | None = 1999, genres: list[str] | None = None) -> SimpleNamespace:
    return SimpleNamespace(title=title, year=year, genres=genres)


@pytest.mark.parametrize(
    ("words", "genre", "year", "terms"),
    [
        (["the", "lakes"], "Horror", 1999, [("word", "lakes"), ("head", "lak")]),
        (["the", "man"], None, None, [("word", "man"), ("head", "man")]),
        (["up"], None, None, [("word", "up"), ("head", "up")]),
        (["m"], None, None, [("word", "m")]),
        ([], "Horror", 1999, [("year", "1999")]),
        ([], "Horror", None, [("genre", "Horror")]),
    ],
)
def test_a_search_looks_where_the_fewest_are_likely(
    words: list[str], genre: str | None, year: int | None, terms: list[tuple[str, str]]
) -> None:
    assert narrowest_terms(words, genre, year) == terms


def test_a_search_for_nothing_has_nowhere_to_look() -> None:
    with pytest.raises(ValueError, match="needs a word"):
        narrowest_terms([], None, None)


def test_movies_of_several_terms_come_once_and_most_rated_first() -> None:
    rated = {1: 9, 2: 9, 3: 5, 4: 0}
    rows = {movie: SimpleNamespace(movie_id=movie, rating_count=ratings) for movie, ratings in rated.items()}
    streams = [iter([rows[1], rows[3], rows[4]]), iter([rows[1], rows[2], rows[3]])]
    assert [row.movie_id for row in most_rated_first(streams)] == [1, 2, 3, 4]


def test_no_search_reads_without_end() -> None:
    endless = (SimpleNamespace(movie_id=movie, rating_count=-movie) for movie in count())
    assert len(list(most_rated_first([endless]))) == MOST_ROWS


@pytest.mark.parametrize(
    ("words", "genre", "year", "kept"),
    [
        (["lake"], None, None, True),
        (["lake", "the"], None, None, True),
        (["lak"], None, None, True),
        (["l", "t"], None, None, True),
        (["ake"], None, None, False),
        (["lake", "city"], None, None, False),
        (["lake"], None, 1999, True),
        (["lake"], None, 2000, False),
        (["lake"], "Horror", None, False),
    ],
)
def test_a_row_is_kept_when_its_words_begin_with_all_that_is_typed(
    words: list[str], genre: str | None, year: int | None, kept: bool
) -> None:
    assert matcher(words, genre, year)(row()) is kept


def test_a_title_matches_whatever_its_accents_and_case() -> None:
    assert matcher(["amelie"], "Comedy", None)(row(title="AMÉLIE!", genres=["Comedy"]))
