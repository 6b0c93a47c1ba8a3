"""Which partition a search reads, and which of its rows it keeps."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from web.movies.search import matcher, narrowest_term


def row(title: str = "The Lake", year: int | None = 1999, genres: list[str] | None = None) -> SimpleNamespace:
    return SimpleNamespace(title=title, year=year, genres=genres)


@pytest.mark.parametrize(
    ("words", "genre", "year", "term"),
    [
        (["the", "lake"], "Horror", 1999, ("word", "lake")),
        ([], "Horror", 1999, ("year", "1999")),
        ([], "Horror", None, ("genre", "Horror")),
    ],
)
def test_a_search_reads_the_narrowest_partition(
    words: list[str], genre: str | None, year: int | None, term: tuple[str, str]
) -> None:
    assert narrowest_term(words, genre, year) == term


def test_a_search_for_nothing_has_no_partition() -> None:
    with pytest.raises(ValueError, match="needs a word"):
        narrowest_term([], None, None)


@pytest.mark.parametrize(
    ("words", "genre", "year", "kept"),
    [
        (["lake"], None, None, True),
        (["lake", "the"], None, None, True),
        (["lak"], None, None, False),
        (["lake", "city"], None, None, False),
        (["lake"], None, 1999, True),
        (["lake"], None, 2000, False),
        (["lake"], "Horror", None, False),
    ],
)
def test_a_row_is_kept_when_it_has_all_that_is_asked_for(
    words: list[str], genre: str | None, year: int | None, kept: bool
) -> None:
    assert matcher(words, genre, year)(row()) is kept


def test_a_title_matches_whatever_its_accents_and_case() -> None:
    assert matcher(["amelie"], "Comedy", None)(row(title="AMÉLIE!", genres=["Comedy"]))
