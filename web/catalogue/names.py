"""Finding titles and people of the catalogue by names and words; never more than `MOST_ROWS` names for one answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.contract.catalogue import PAIRS_OF_PEOPLE, PAIRS_OF_TITLES, ROLES, head_of, name_key
from domain.contract.titles import title_words
from web.app.errors import NotFound
from web.catalogue.finding import ORDERS, Budget, Filters, Found, Sort
from web.catalogue.store import CatalogueView, Person, Title

FOUND_TITLES = 200  # that are put in order when words are looked for


@dataclass(frozen=True)
class Selection:
    """The titles that names or words leave, in no order; not all of them where it is not `complete`."""

    titles: list[Title]
    complete: bool

    def found(self, sort: Sort, limit: int, offset: int = 0) -> Found:
        """Those from number `offset` on in the order asked for; equal ones by rising id."""
        titles = sorted(self.titles, key=ORDERS[sort])[offset : offset + limit]
        return Found(titles, len(self.titles) if self.complete else None, self.complete)


@dataclass(frozen=True)
class People:
    """Those with most titles first.

    `complete` is False when `MOST_ROWS` names were read before as many were found as asked for, `more` is True when
    there are further ones.
    """

    rows: list[Person]
    complete: bool
    more: bool


def titles_of_people(view: CatalogueView, names: dict[str, str], filters: Filters) -> Selection:
    """Titles with all the people named, by role, that match.

    Where a person has exactly the given name, people of like names are left out.

    Raises:
        NotFound: nobody of that name has that role.
    """
    found: dict[str, Title] | None = None
    for role, name in names.items():
        rows = view.of_person(role, name_key(name))
        if not rows:
            raise NotFound(f"There is no {role.lower()} «{name}» in the catalogue.")
        exact = [row for row in rows if row.name == name.strip()]
        titles = {row.media_id: Title.of(row) for row in exact or rows}
        found = titles if found is None else {key: title for key, title in titles.items() if key in found}
    return Selection(list(filter(filters.match, (found or {}).values())), True)


def titles_of_words(view: CatalogueView, text: str, filters: Filters) -> Selection:
    """Titles with words that begin with those of `text`, that match: the best known `FOUND_TITLES` of them."""
    words, budget = title_words(text), Budget()
    rows = budget.take(view.titles_of_head(head_of(words, PAIRS_OF_TITLES))) if words else ()
    having = (title for title in rows if filters.match(title) and _has_all(title.title, words))
    found = list(islice(having, FOUND_TITLES + 1))
    return Selection(found[:FOUND_TITLES], len(found) <= FOUND_TITLES and not budget.exceeded)


def _has_all(name: str, words: list[str]) -> bool:
    """Whether each of the words begins a word of the name."""
    if name.isascii():  # thousands are looked at for one answer: most are told from their letters alone, unfolded
        letters = name.lower()
        if not all(word in letters for word in words):
            return False
    theirs = title_words(name)
    return all(any(each.startswith(word) for each in theirs) for word in words)


def find_people(view: CatalogueView, text: str, limit: int, offset: int = 0) -> People:
    """People whose names have the words, from number `offset` on.

    One whose whole name it is is found, however many names begin so.
    """
    words, budget, end = title_words(text), Budget(), offset + limit
    rows = budget.take(view.people_of_head(head_of(words, PAIRS_OF_PEOPLE))) if words else ()
    named = islice((person for person in rows if _has_all(person.name, words)), end + 1)
    found = {person.person_id: person for person in named}
    if budget.exceeded or not found:
        exact = {row.person_id for role in ROLES for row in view.of_person(role, name_key(text))}
        found |= {key: Person.of(row) for key, row in view.people(exact).items()}
    ranked = sorted(found.values(), key=lambda each: (-each.acted - each.directed, each.person_id))
    return People(ranked[offset:end], not budget.exceeded, len(ranked) > end)


def titles_of_person(view: CatalogueView, person: Any) -> dict[str, list[Title]]:
    """The titles of one person by role, best score first."""
    key = name_key(person.name)
    return {
        role: [Title.of(row) for row in view.of_person(role, key) if row.person_id == person.person_id]
        for role in ROLES
    }
