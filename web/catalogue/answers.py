"""Answers that API calls and pages of the catalogue have in common."""

from __future__ import annotations

from typing import Any

from web.app.errors import NotFound
from web.catalogue import finding
from web.catalogue.models import FacetCount, OverviewAnswer, PersonInfo, TitlesQuery
from web.catalogue.names import Selection, titles_of_people, titles_of_person, titles_of_words
from web.catalogue.store import Title, catalogue_view


class Search:
    """A query for titles and for counts of their facets; names and words are looked up once for both."""

    def __init__(self, query: TitlesQuery) -> None:
        """
        Raises:
            NotFound: a person or a value that no title has.
        """
        self.query = query
        self.filters = finding.resolve(catalogue_view(), query.facets(), query.scores())
        self.selection: Selection | None = None
        if people := query.people():
            self.selection = titles_of_people(catalogue_view(), people, self.filters)
        elif query.q.strip():
            self.selection = titles_of_words(catalogue_view(), query.q, self.filters)

    def titles(self) -> finding.Found:
        """The page of titles that the query asks for."""
        order = (self.query.order(), self.query.limit, self.query.offset)
        if self.selection is not None:
            return self.selection.found(*order)
        return finding.browse(catalogue_view(), self.filters, *order)

    def facets(self) -> tuple[dict[str, list[FacetCount]], bool]:
        """The values of each facet, most titles first, and whether only matching titles are counted."""
        counts, of_matches = self._counts()
        ordered = {facet: sorted(of.items(), key=lambda each: (-each[1], each[0])) for facet, of in counts.items()}
        return {facet: [FacetCount(value=v, titles=n) for v, n in of] for facet, of in ordered.items()}, of_matches

    def _counts(self) -> tuple[dict[str, dict[str, int]], bool]:
        if self.selection is None:
            return finding.facet_counts(catalogue_view(), self.filters)
        if self.selection.complete:
            return finding.counts_of(self.selection.titles), True
        return finding.whole_counts(catalogue_view()), False


def overview() -> OverviewAnswer:
    """Row counts and samples of the tables; how many records came in, and why some were rejected."""
    record = catalogue_view().record()
    return OverviewAnswer(
        run_id=catalogue_view().run_id,
        counts=record.get("counts", {}),
        linked_share=record.get("metrics", {}).get("linked_share.movies"),
        samples=record.get("facts", {}).get("samples", {}),
    )


def person_info(row: Any) -> PersonInfo:
    """The person in a row of people_by_id."""
    return PersonInfo(person_id=row.person_id, name=row.name, acted=row.acted, directed=row.directed)


def person_with_titles(person_id: int) -> tuple[Any, dict[str, list[Title]]]:
    """The row of a person, and their titles by role.

    Raises:
        NotFound: there is no such person.
    """
    person = catalogue_view().people([person_id]).get(person_id)
    if person is None:
        raise NotFound(f"There is no person {person_id} in the catalogue.")
    return person, titles_of_person(catalogue_view(), person)
