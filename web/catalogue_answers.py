"""What calls and pages of the catalogue answer to the same questions."""

from __future__ import annotations

from typing import Any

from web import catalogue as finding
from web.catalogue_models import FacetCount, OverviewAnswer, PersonInfo, TitlesQuery
from web.catalogue_store import Title
from web.current import catalogue
from web.errors import NotFound


def find(query: TitlesQuery) -> finding.Found:
    """The titles that a query asks for.

    Raises:
        NotFound: a person or a value that no title has.
    """
    filters = finding.resolve(catalogue(), query.facets(), query.scores())
    order = (query.order(), query.limit, query.offset)
    if people := query.people():
        return finding.of_people(catalogue(), people, filters, *order)
    if query.q.strip():
        return finding.of_words(catalogue(), query.q, filters, *order)
    return finding.browse(catalogue(), filters, *order)


def count_facets(query: TitlesQuery) -> tuple[dict[str, list[FacetCount]], bool]:
    """For each facet its values, most titles first, and whether the titles are those that match."""
    filters = finding.resolve(catalogue(), query.facets(), query.scores())
    counts, of_matches = finding.facet_counts(catalogue(), filters)
    ordered = {facet: sorted(of.items(), key=lambda each: (-each[1], each[0])) for facet, of in counts.items()}
    return {facet: [FacetCount(value=v, titles=n) for v, n in of] for facet, of in ordered.items()}, of_matches


def overview() -> OverviewAnswer:
    """Tables with their rows and some samples; how many records came in, and why some were rejected."""
    record = catalogue().record()
    return OverviewAnswer(
        run_id=catalogue().run_id,
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
    person = catalogue().people([person_id]).get(person_id)
    if person is None:
        raise NotFound(f"There is no person {person_id} in the catalogue.")
    return person, finding.person_titles(catalogue(), person)
