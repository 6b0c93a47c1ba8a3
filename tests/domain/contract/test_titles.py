"""Titles and their years, words, tags and CSV fields as text."""

from __future__ import annotations

import csv
import io
import random

import pytest

from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.tags import fold_tag
from domain.contract.titles import split_title, title_words


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


@pytest.mark.parametrize(
    ("tag", "folded"),
    [("  Film   NOIR\t", "film noir"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("E\u0301toile", "étoile")],
)
def test_tags_that_differ_in_case_or_spaces_only_are_the_same_tag(tag: str, folded: str) -> None:
    assert fold_tag(tag) == folded


def test_folding_a_folded_tag_changes_nothing() -> None:
    everything = [chr(code) for code in range(1, 0x11000) if not 0xD800 <= code < 0xE000]
    assert [text for text in everything if fold_tag(fold_tag(text)) != fold_tag(text)] == []


@pytest.mark.parametrize("line", ['1,"abc', '1,ab"c', '1,"ab"c,2', '1,"', '"a""', '1, "a"'])
def test_a_broken_quote_is_seen(line: str) -> None:
    assert csv_fields(line) is None


def test_lines_of_python_s_csv_writer_are_read_back() -> None:
    source = random.Random(3)
    for _ in range(2000):
        fields = ["".join(source.choices('ab," é', k=source.randrange(6))) for _ in range(source.randrange(2, 5))]
        written = io.StringIO()
        csv.writer(written, lineterminator="").writerow(fields)
        assert csv_fields(written.getvalue()) == fields


def test_a_line_of_a_million_quotes_is_no_trouble() -> None:
    assert csv_fields('"' * 1_000_000) == ['"' * 499_999]
    assert csv_fields('"' * 1_000_001) is None
