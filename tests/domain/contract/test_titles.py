"""Titles, their years and their words."""

from __future__ import annotations

import pytest

from domain.contract.titles import begin_words, split_title, title_words, word_head, word_heads


@pytest.mark.parametrize(
    ("published", "title", "year"),
    [
        ("Toy Story (1995)", "Toy Story", 1995),
        ("Matrix, The (1999) ", "Matrix, The", 1999),
        ("City of Lost Children, The (Cité des enfants perdus, La) (1995)", None, 1995),
        ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", 2006),
        ("Fargo (2009- )", "Fargo", 2009),
        ("Fargo (2014-2015)", "Fargo", 2014),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("Cosmos", "Cosmos", None),
        ("Area (0051)", "Area (0051)", None),
        ("Episode (1995) again", "Episode (1995) again", None),
        ("(1999)", "", 1999),
    ],
)
def test_the_year_at_the_end_is_taken_off_the_title(published: str, title: str | None, year: int | None) -> None:
    expected = published.removesuffix(" (1995)") if title is None else title
    assert split_title(published) == (expected, year)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Amélie, 2001!", ["amelie", "2001"]),
        ("Straße_der ﬁnsternis", ["strasse", "der", "finsternis"]),
        ("Søren Łukasz Đorđe, ÆON und Œuvre", ["soren", "lukasz", "dorde", "aeon", "und", "oeuvre"]),
        (
            "IŞIK ışık İstanbul Þórr GUÐNI Ħamrun Ŧ ẞ Ǿ",
            ["isik", "isik", "istanbul", "thorr", "gudni", "hamrun", "t", "ss", "o"],
        ),
        ("M*A*S*H (a.k.a. MASH)", ["m", "a", "s", "h", "a", "k", "a", "mash"]),
        ("千と千尋の神隠し", ["千と千尋の神隠し"]),
        ("…", []),
    ],
)
def test_words_are_found_without_accents_and_case(title: str, words: list[str]) -> None:
    assert title_words(title) == words


def test_a_title_is_filed_under_what_its_words_begin_with_but_not_under_whole_words() -> None:
    assert word_heads("Amélie & the Ærø Up, the") == ["ae", "aer", "am", "ame", "th"]
    assert word_heads("M") == word_heads("😀") == []


@pytest.mark.parametrize("title", ["Amélie of the Lake", "2001: A Space Odyssey", "Łódź", "فيلم طويل", "M"])
def test_whatever_is_typed_of_a_word_leads_to_where_the_title_is_filed(title: str) -> None:
    filed = {*word_heads(title), *title_words(title)}
    for word in title_words(title):
        for typed in (word[:length] for length in range(2, len(word) + 1)):
            assert filed & {typed, word_head(typed)}
            assert begin_words([typed], title)


def test_of_one_letter_only_whole_words_are_looked_for() -> None:
    assert (word_head("m"), word_head("up"), word_head("amelie")) == (None, "up", "ame")
