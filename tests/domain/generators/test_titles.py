"""Titles of generated movies."""

from __future__ import annotations

from domain.generators.movies import make_movies


def test_titles_hold_what_makes_csv_hard() -> None:
    text = "\n".join(make_movies(1, 9_742).titles)
    assert all(mark in text for mark in (", The (", '"', "é", "'"))


def test_few_titles_repeat_and_few_lack_a_year() -> None:
    titles = make_movies(3, 9_742).titles
    repeated = len(titles) - len(set(titles))
    yearless = sum(not title.endswith(")") for title in titles)
    assert 1 <= repeated <= 10
    assert 1 <= yearless <= 30
