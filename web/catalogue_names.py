"""Finding titles and people of the catalogue by names and words; never more than `MOST_ROWS` names for one answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.catalogue import PERSON, ROLES, TITLE, head_of, name_key, pair_head_of
from domain.titles import title_words
from web.catalogue import ORDERS, Budget, Filters, Found, Sort
from web.catalogue_store import CatalogueView, Person, Title
from web.errors import NotFound

FOUND_NAMES = 200  # titles that are considered when words are looked for


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


def of_people(view: CatalogueView, names: dict[str, str], filters: Filters) -> Selection:
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


def of_words(view: CatalogueView, text: str, filters: Filters) -> Selection:
    """Titles with words that begin with those of `text`, that match; the best known `FOUND_NAMES` are considered."""
    budget = Budget()
    ids = [row.id for row in islice(names(view, TITLE, text, budget), FOUND_NAMES + 1)]
    media = view.media(ids[:FOUND_NAMES])
    titles = list(filter(filters.match, map(Title.of_media, media.values())))
    return Selection(titles, len(ids) <= FOUND_NAMES and not budget.exceeded)


def names(view: CatalogueView, kind: str, text: str, budget: Budget) -> Iterator[Any]:
    """Rows of names_by_head in which each word of `text` begins a word, the best known first, each once.

    They end where the budget does.
    """
    words = title_words(text)
    if not words:
        return
    pair = pair_head_of(words) if kind == PERSON else None
    rows = view.names(kind, pair or head_of(max(words, key=len)))
    seen: set[str] = set()
    for row in budget.take(rows):
        if row.id not in seen and _has_all(row.name, words):
            seen.add(row.id)
            yield row


def _has_all(name: str, words: list[str]) -> bool:
    """Whether each of the words begins a word of the name."""
    if name.isascii():  # thousands are looked at for one answer: most are told from their letters alone, unfolded
        letters = name.lower()
        if not all(word in letters for word in words):
            return False
    theirs = title_words(name)
    return all(any(each.startswith(word) for each in theirs) for word in words)


def people(view: CatalogueView, text: str, limit: int, offset: int = 0) -> People:
    """People whose names have the words, from number `offset` on.

    One whose whole name it is is found, however many names begin so.
    """
    budget, end = Budget(), offset + limit
    rows = islice(names(view, PERSON, text, budget), end + 1)
    found = {each.person_id: each for each in map(Person.of_name, rows)}
    if budget.exceeded or not found:
        exact = {row.person_id for role in ROLES for row in view.of_person(role, name_key(text))}
        found |= {key: Person.of(row) for key, row in view.people(exact).items()}
    ranked = sorted(found.values(), key=lambda each: (-each.acted - each.directed, str(each.person_id)))
    return People(ranked[offset:end], not budget.exceeded, len(ranked) > end)


def person_titles(view: CatalogueView, person: Any) -> dict[str, list[Title]]:
    """The titles of one person by role, best score first."""
    key = name_key(person.name)
    return {
        role: [Title.of(row) for row in view.of_person(role, key) if row.person_id == person.person_id]
        for role in ROLES
    }
