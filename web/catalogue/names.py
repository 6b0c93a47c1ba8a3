"""Search for titles and people by names and words; at most `MOST_ROWS` names are read for one answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.contract.catalogue import PAIRS_OF_PEOPLE, PAIRS_OF_TITLES, ROLES, head_of, name_key
from domain.contract.titles import begin_words, title_words
from web.app.errors import NotFound
from web.catalogue.finding import ORDERS, Budget, Filters, Found, Sort
from web.catalogue.store import CatalogueView, Person, Title

FOUND_TITLES = 200  # that are put in order when words are looked for


@dataclass(frozen=True)
class Selection:
    """Titles that match names or words, unordered; some may be missing where `complete` is False."""

    titles: list[Title]
    complete: bool

    def found(self, sort: Sort, limit: int, offset: int = 0) -> Found:
        """A page of the titles from number `offset` on in the given order; ties by rising id."""
        titles = sorted(self.titles, key=ORDERS[sort])[offset : offset + limit]
        return Found(titles, len(self.titles) if self.complete else None, self.complete)


@dataclass(frozen=True)
class People:
    """A page of people, most titles first.

    `complete` is False when `MOST_ROWS` names were read before the page was full; `more` is True when there are more.
    """

    rows: list[Person]
    complete: bool
    more: bool


def titles_of_people(view: CatalogueView, names: dict[str, str], filters: Filters) -> Selection:
    """Titles that match and have all the named people, given by role.

    Where somebody has exactly the given name, people with similar names are left out.

    Raises:
        NotFound: nobody of that name has that role.
    """
    common: dict[str, Title] | None = None
    for role, name in names.items():
        rows = view.of_person(role, name_key(name))
        if not rows:
            raise NotFound(f"There is no {role.lower()} «{name}» in the catalogue.")
        exact = [row for row in rows if row.name == name.strip()]
        titles = {row.media_id: Title.of(row) for row in exact or rows}
        common = titles if common is None else {key: title for key, title in titles.items() if key in common}
    return Selection(list(filter(filters.match, (common or {}).values())), True)


def titles_of_words(view: CatalogueView, text: str, filters: Filters) -> Selection:
    """Titles that match and whose words start with those of `text`: the `FOUND_TITLES` with most votes."""
    words, budget = title_words(text), Budget()
    rows = budget.take(view.titles_of_head(head_of(words, PAIRS_OF_TITLES))) if words else ()
    having = (title for title in rows if filters.match(title) and begin_words(words, title.title))
    best_known = list(islice(having, FOUND_TITLES + 1))
    return Selection(best_known[:FOUND_TITLES], len(best_known) <= FOUND_TITLES and not budget.exceeded)


def find_people(view: CatalogueView, text: str, limit: int, offset: int = 0) -> People:
    """People whose names have words that start with those of `text`, from number `offset` on.

    Somebody with exactly this name is found however many names start like it.
    """
    words, budget, end = title_words(text), Budget(), offset + limit
    rows = budget.take(view.people_of_head(head_of(words, PAIRS_OF_PEOPLE))) if words else ()
    named = islice((person for person in rows if begin_words(words, person.name)), end + 1)
    people = {person.person_id: person for person in named}
    if budget.exceeded or not people:
        exact = {row.person_id for role in ROLES for row in view.of_person(role, name_key(text))}
        people |= {key: Person.of(row) for key, row in view.people(exact).items()}
    ranked = sorted(people.values(), key=lambda each: (-each.acted - each.directed, each.person_id))
    return People(ranked[offset:end], not budget.exceeded, len(ranked) > end)


def titles_of_person(view: CatalogueView, person: Any) -> dict[str, list[Title]]:
    """The titles of one person by role, best score first."""
    key = name_key(person.name)
    return {
        role: [Title.of(row) for row in view.of_person(role, key) if row.person_id == person.person_id]
        for role in ROLES
    }
