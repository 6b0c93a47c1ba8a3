"""Lists, names and records of the catalogue's files."""

from __future__ import annotations

import sys
import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contract.catalogue import (
    HEADS,
    PAIRS_OF_PEOPLE,
    PAIRS_OF_TITLES,
    SPACES,
    Pairs,
    head_of,
    list_literal,
    name_heads,
    name_key,
    pair_heads,
)

PAIRS = st.sampled_from([PAIRS_OF_PEOPLE, PAIRS_OF_TITLES])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("['drama', 'crime']", ["drama", "crime"]),
        ("[]", []),
        ("""["children's", 'drama ', 'drama']""", ["children's", "drama"]),
        ("drama", None),
        ("", []),
        ("nan", []),
        (" null ", []),
        (r"\N", []),
        ("['US', None]", ["US"]),
        ('["US", null, NaN]', ["US"]),
        ("[None]", []),
        ("['None', \"null\"]", ["None", "null"]),
        (r'["a\/b", "\u00e9"]', ["a/b", "é"]),
        ("[Nonesuch]", None),
        ("drama|crime", None),
        ("['drama'", None),
        ("('drama',)", None),
        ("[1]", None),
        ("['']", None),
        ("[[]]", None),
        ("__import__('os').getcwd()", None),
        ("[" * 100_000, None),
        ("['\x00']", None),
        (r"['\x00']", None),
        (r"['a\nb']", None),
        (r"['\x85b']", ["b"]),
        (r"['\ud800']", None),
        (r"['\U0001f600']", ["😀"]),
        (r"['\x']", None),
        ("['a' 'b']", None),
        ("['a''b']", None),
        ("['''a''']", None),
        ("[('a')]", None),
        ("['a', b'b']", None),
        ("['a',, 'b']", None),
        ("[,]", None),
        (" [ u'a' ,\n\"b, 'c'\", ] ", ["a", "b, 'c'"]),
        ("['a'" + " " * 100_000 + "x", None),
        ("['a', " * 50_000, None),
    ],
)
def test_only_a_list_of_texts_of_python_or_json_is_one_and_nothing_is_none(text: str, names: list[str] | None) -> None:
    assert list_literal(text) == names


def without_controls(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) != "Cc")


@given(st.lists(st.text(min_size=1).map(without_controls).filter(str.strip), unique_by=str.strip))
def test_a_list_that_python_wrote_is_read_back(names: list[str]) -> None:
    assert list_literal(repr(names)) == [name.strip() for name in names]


def test_spark_takes_off_the_spaces_that_python_does() -> None:
    assert sorted(SPACES) == [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]


def test_names_that_differ_in_case_accents_and_punctuation_have_one_key() -> None:
    assert name_key("Penélope CRUZ") == name_key("penelope cruz") == "penelope cruz"
    assert name_key("Conan O'Brien") == name_key("Conan O’Brien")
    assert name_key(" 😀 ") == "😀"
    assert name_key("송강호") == name_key("송강호 ")
    assert name_key("Søren Łaska") == name_key("SOREN laska")


@given(st.text(max_size=30), st.data())
def test_a_name_is_filed_where_any_beginning_of_three_letters_or_more_of_its_words_is_looked_for(
    name: str, data: st.DataObject
) -> None:
    heads = name_heads(name)
    assert heads == sorted(set(heads))
    for word in name_key(name).split() if heads else []:
        length = data.draw(st.integers(min(3, len(word)), len(word)))
        assert head_of([word[:length]], PAIRS_OF_PEOPLE) == head_of([word[:length]], PAIRS_OF_TITLES)
        assert head_of([word[:length]], PAIRS_OF_TITLES) in heads


@given(st.text(max_size=30))
def test_every_head_of_a_name_is_one_that_is_looked_for(name: str) -> None:
    words = name_key(name).split() if name_heads(name) else []
    begun = {word[:length] for word in words for length in (*HEADS, len(word))}
    assert set(name_heads(name)) == {head_of([each], PAIRS_OF_PEOPLE) for each in begun}


@given(st.text("abcdef", max_size=9), st.text("uvwxyz", max_size=9), PAIRS)
def test_two_words_that_begin_differently_are_filed_only_where_they_are_looked_for(
    one: str, other: str, pairs: Pairs
) -> None:
    begun = [[word[:length] for length in range(1, len(word) + 1)] for word in (one, other)]
    asked = {head_of(two, pairs) for two in product(*begun)}
    assert set(pair_heads(f"{one} {other}", pairs)) == {head for head in asked if " " in head}


@given(st.lists(st.text("abjo", min_size=1, max_size=10), min_size=2, max_size=4), PAIRS, st.data())
def test_a_name_is_filed_where_beginnings_of_its_words_are_looked_for(
    words: list[str], pairs: Pairs, data: st.DataObject
) -> None:
    begun = data.draw(st.permutations([word[: data.draw(st.integers(1, len(word)))] for word in words]))
    if max(map(len, begun)) > 2:  # of shorter ones alone only whole words are found
        name = " ".join(words)
        assert head_of(begun, pairs) in name_heads(name) + pair_heads(name, pairs)


def test_two_words_are_looked_for_together_unless_one_word_may_begin_with_both() -> None:
    people = {"tom hanks": "hanks to", "hank tomas": "ha tomas", "l hanks": "han", "jo al": "al jo", "tom tommy": "tom"}
    titles = {"robot window": "rob win", "2 voyage": "2 voy", "of the": "o the", "it a": "it", "the theatre": "theatr"}
    for of, pairs in ((people, PAIRS_OF_PEOPLE), (titles, PAIRS_OF_TITLES)):
        for text, head in of.items():
            assert head_of(text.split(), pairs) == head_of(text.split()[::-1], pairs) == head, text
