"""Titles and people found by names and words, from lists in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from domain.contract.catalogue import name_key, person_heads, title_heads
from web.catalogue.finding import (
    Budget,
    Filters,
)
from web.catalogue.names import FOUND_TITLES, find_people, titles_of_words
from web.catalogue.store import Person, Title


class Names:
    """The reads of names, from a list of them: the first has most credits, or votes; ids are 1, 2, …"""

    def __init__(self, of: Sequence[str]) -> None:
        self.of = dict(enumerate(of, start=1))
        self.heads: list[str] = []

    def people_of_head(self, head: str) -> Iterator[Person]:
        self.heads.append(head)
        return (Person(number, name, -number, 0) for number, name in self.of.items() if head in person_heads(name))

    def titles_of_head(self, head: str) -> Iterator[Title]:
        self.heads.append(head)
        found = (each for each in self.of.items() if head in title_heads(each[1]))
        return (Title(str(number), name, "MOVIE", number, None, (), (), 70, 1) for number, name in found)

    def of_person(self, role: str, key: str) -> list[Any]:
        return [SimpleNamespace(person_id=number) for number, name in self.of.items() if name_key(name) == key]

    def people(self, ids: Iterable[int]) -> dict[int, Any]:
        rows = {each: SimpleNamespace(person_id=each, name=self.of[each], acted=-each, directed=0) for each in ids}
        return dict(sorted(rows.items(), reverse=True))


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> int:
    """Rows that may be read for one answer."""
    monkeypatch.setattr(Budget.__init__, "__defaults__", (20,))
    return 20


def test_a_person_is_found_by_the_whole_name_however_many_names_begin_so(budget: int) -> None:
    view: Any = Names([*(f"Jo Smith{n}" for n in range(30)), "Jo Smithe", "Jo Smitherson", "JO SMITHE"])
    found = find_people(view, "jo smithe", 10)
    assert ([each.name for each in found.rows], found.complete) == (["Jo Smithe", "JO SMITHE"], False)
    smiley: Any = Names(["😀"])
    assert [each.name for each in find_people(smiley, "😀", 10).rows] == ["😀"]  # it has no word
    several = find_people(view, "smi", 10)
    assert ([each.person_id for each in several.rows], several.complete) == (list(range(1, 11)), True)


def test_all_people_are_reached_by_offsets() -> None:
    view: Any = Names([f"Smi{n} Jo" for n in range(25)])
    pages = [find_people(view, "smi", 10, offset) for offset in (0, 10, 20, 30)]
    assert [[each.person_id for each in page.rows] for page in pages] == [
        list(range(1, 11)),
        list(range(11, 21)),
        list(range(21, 26)),
        [],
    ]
    assert [page.more for page in pages] == [True, True, False, False]
    assert not find_people(view, "smi", 25).more


def test_people_of_two_words_are_looked_for_by_both() -> None:
    view: Any = Names(["Tom Hanks", "Thomas Hanks", "Hank Tomas Smith", "Tommy Hanko"])
    assert [each.name for each in find_people(view, "hank tom", 10).rows] == [
        "Tom Hanks",
        "Hank Tomas Smith",
        "Tommy Hanko",
    ]
    assert [each.name for each in find_people(view, "tom tommy", 10).rows] == ["Tommy Hanko"]
    assert view.heads == ["ha to", "tom"]


def test_words_that_too_many_names_have_leave_a_selection_that_is_not_complete(budget: int) -> None:
    view: Any = Names([*["The Fin"] * 20, "The Finish"])
    assert not titles_of_words(view, "the finish", Filters({}, None)).complete
    selection = titles_of_words(view, "finish", Filters({}, None))
    assert (len(selection.titles), selection.complete) == (1, True)
    assert titles_of_words(view, "the", Filters({}, None)).found("votes", 5).total is None
    few: Any = Names([f"The {n}" for n in range(20)])
    assert titles_of_words(few, "the", Filters({}, None)).found("votes", 5).total == 20


def test_more_words_than_are_considered_are_said_not_to_be_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for count, total in ((FOUND_TITLES, FOUND_TITLES), (FOUND_TITLES + 1, None)):
        view: Any = Names(["The End"] * count)
        found = titles_of_words(view, "end", Filters({}, None)).found("votes", 5)
        assert (found.total, found.complete) == (total, total is not None)


def test_the_best_known_titles_are_taken_of_those_that_match() -> None:
    view: Any = Names(["The End"] * (FOUND_TITLES + 10))
    found = titles_of_words(view, "the end", Filters({"year": str(FOUND_TITLES + 5)}, None))
    assert ([each.year for each in found.titles], found.complete) == ([FOUND_TITLES + 5], True)


def test_titles_of_two_words_are_looked_for_by_both(budget: int) -> None:
    view: Any = Names([*(f"Robot {n}" for n in range(2 * budget)), "Robot of the Window", "Robot 9000"])
    for text, head, name in (
        ("window robot", "rob win", "Robot of the Window"),
        ("robot 9000", "900 rob", "Robot 9000"),
    ):
        selection = titles_of_words(view, text, Filters({}, None))
        assert ([each.title for each in selection.titles], selection.complete) == ([name], True)
        assert view.heads.pop() == head


def test_a_text_without_letters_has_no_names() -> None:
    assert not titles_of_words(Names(["Tom"]), "😀 !", Filters({}, None)).titles
    assert not find_people(Names(["Tom"]), "😀 !", 10).rows  # type: ignore[arg-type]
