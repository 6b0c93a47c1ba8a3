"""Search for titles by filters, in one of three orders; at most `MOST_ROWS` rows are read for one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import chain, islice
from math import ceil
from typing import Any, Literal

from domain.contract.catalogue import ALL, FACETS, HIGHEST_SCORE
from web.app.errors import NotFound
from web.catalogue.store import CatalogueView, FacetValue, Title

MOST_ROWS = 5_000  # read for one answer
AT_ONCE = 8  # partitions asked at once in the order of scores or years
SMALLEST_PAGE, LARGEST_PAGE = 20, 500  # rows read at once of a partition, as far as they may match
WIDEN = 4  # how many times as many rows are expected to be needed where the last guess was too low

Sort = Literal["score", "votes", "year"]
ORDERS: dict[str, Callable[[Title], Any]] = {
    "score": lambda title: (-title.score, -title.votes, title.media_id),
    "votes": lambda title: (-title.votes, -title.score, title.media_id),
    "year": lambda title: (-title.year, -title.score, -title.votes, title.media_id),
}


@dataclass(frozen=True)
class Filters:
    """Conditions on a title: values of facets, spelled as published, and a range of scores in tenths."""

    values: dict[str, str]
    scores: tuple[int, int] | None

    def match(self, title: Title) -> bool:
        """Whether the title meets all conditions; one without a score is in no range."""
        in_range = self.scores is None or self.scores[0] <= title.score <= self.scores[1]
        return in_range and all(value in values_of(title, facet) for facet, value in self.values.items())


@dataclass(frozen=True)
class Found:
    """A page of matching titles. `total` is the number of all matches, None where only reading them would tell.

    `complete` is False when `MOST_ROWS` rows were read before the page was full.
    """

    titles: list[Title]
    total: int | None
    complete: bool


def values_of(title: Title, facet: str) -> tuple[str, ...]:
    """The values that the title has in a facet."""
    if facet == "genre":
        return title.genres
    if facet == "country":
        return title.countries
    single = {"type": title.type, "certification": title.certification, "year": str(title.year)}[facet]
    return () if single is None else (single,)


def resolve(view: CatalogueView, asked: dict[str, str | None], scores: tuple[int, int] | None) -> Filters:
    """The filters with values spelled as published, whatever case was typed; a year that no title has is kept.

    Raises:
        NotFound: a value that no title has; the message lists the ones that exist.
    """
    facets = view.facets()
    values = {facet: _published(facets.get(facet, {}), facet, given) for facet, given in asked.items() if given}
    return Filters(values, scores)


def _published(values: dict[str, FacetValue], facet: str, given: str) -> str:
    for name in values:
        if name.casefold() == given.strip().casefold():
            return name
    if facet == "year":
        return given
    raise NotFound(f"There is no {facet} «{given}» in the catalogue. There are: {', '.join(sorted(values))}.")


class Budget:
    """A limit on the rows read for one answer; `exceeded` is True once there were more."""

    def __init__(self, rows: int = MOST_ROWS) -> None:
        self.left = rows
        self.exceeded = False

    def take(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows until the budget is spent."""
        for row in rows:
            if not self.left:
                self.exceeded = True
                return
            self.left -= 1
            yield row


def browse(view: CatalogueView, filters: Filters, sort: Sort, limit: int, offset: int = 0) -> Found:
    """A page of matching titles from number `offset` on, in the given order; ties by rising id."""
    budget = Budget()
    rows = budget.take(_in_order(view, filters, sort, offset + limit))
    titles = list(islice(filter(filters.match, rows), offset, offset + limit))
    return Found(titles, count(view, filters), len(titles) == limit or not budget.exceeded)


def narrowest(view: CatalogueView, filters: Filters, by_year: bool = False) -> tuple[str, str, FacetValue]:
    """Facet, value and figures of the filter that leaves the fewest titles to read; ALL where there is no filter.

    Counted are titles within the range of scores, or with `by_year` those of the year.
    """
    given = [(facet, value) for facet, value in filters.values.items() if not (by_year and facet == "year")]
    figures = [(facet, value, _figures(view, facet, value)) for facet, value in given or [(ALL, ALL)]]
    return min(figures, key=lambda each: _to_read(each[2], filters, by_year))


def _figures(view: CatalogueView, facet: str, value: str) -> FacetValue:
    return view.facets().get(facet, {}).get(value, FacetValue(0, {}, {}, {}))


def _to_read(figures: FacetValue, filters: Filters, by_year: bool) -> int:
    """How many titles of a value of a facet are within the scores, or of the year where one is asked for `by_year`."""
    year = filters.values.get("year") if by_year else None
    if year is not None:
        return figures.by_year.get(int(year), 0)
    return sum(_in_range(figures.by_score, filters.scores).values())


def count(view: CatalogueView, filters: Filters) -> int | None:
    """How many titles match; None where the figures of the facets do not tell."""
    year = filters.values.get("year")
    if len(filters.values) - (year is not None) > 1 or (year is not None and filters.scores is not None):
        return None
    _, _, figures = narrowest(view, filters, by_year=True)
    return _to_read(figures, filters, by_year=True)


def _likely_rows(view: CatalogueView, filters: Filters, read: set[str], wanted: int) -> int:
    """About how many rows are read until `wanted` match, were the filters beside those that are `read` independent."""
    every, rows = max(1, _to_read(_figures(view, ALL, ALL), filters, False)), float(wanted)
    for facet, value in filters.values.items():
        if facet not in read:
            rows *= every / max(1, _to_read(_figures(view, facet, value), filters, False))
    return ceil(min(rows, MOST_ROWS))


def _in_range(by_score: dict[int, int], scores: tuple[int, int] | None) -> dict[int, int]:
    low, high = scores or (-1, HIGHEST_SCORE)
    return {score: titles for score, titles in by_score.items() if low <= score <= high}


def _in_order(view: CatalogueView, filters: Filters, sort: Sort, wanted: int) -> Iterator[Title]:
    """All titles of the narrowest filter within scores and year, in order, read as they are taken."""
    year = filters.values.get("year")
    by_year = sort == "year" or (year is not None and sort != "votes")
    facet, value, figures = narrowest(view, filters, by_year)
    rows = _likely_rows(view, filters, {facet, "year"} if by_year else {facet}, wanted)

    def page(likely: int) -> int:
        return max(SMALLEST_PAGE, wanted, min(LARGEST_PAGE, likely))

    if by_year:
        years = {each: titles for each, titles in figures.by_year.items() if year in (None, str(each))}
        return _walk(years, rows, lambda some, n: view.of_years(facet, value, some, filters.scores, page(n)))
    buckets = _in_range(figures.by_score, filters.scores)
    if sort == "votes":
        most = {score: figures.most_votes[score] for score in buckets}
        return _best_known(most, lambda some: view.of_scores(facet, value, some, page(rows)))
    return _walk(buckets, rows, lambda some, n: view.of_scores(facet, value, some, page(n)))


def _walk(
    buckets: dict[int, int], likely: int, read: Callable[[list[int], int], list[Iterator[Title]]]
) -> Iterator[Title]:
    """The titles of each bucket in turn; so many are asked at once as are likely needed, at most `AT_ONCE`.

    `read` gets buckets and how many rows are likely needed, which is `WIDEN` times as many each time it was too few.
    """
    left = list(buckets)
    while left:
        some, expected = 1, buckets[left[0]]
        while some < min(AT_ONCE, len(left)) and expected < likely:
            expected += buckets[left[some]]
            some += 1
        yield from chain.from_iterable(read(left[:some], likely))
        left, likely = left[some:], WIDEN * likely


def _best_known(most: dict[int, int], read: Callable[[list[int]], list[Iterator[Title]]]) -> Iterator[Title]:
    """The titles of all buckets by votes; a bucket is asked for when its best-known title may be next.

    `most` has the votes of that title for each bucket.
    """
    left = sorted(most, key=lambda score: (-most[score], -score))
    order, place = ORDERS["votes"], 0
    rows: list[tuple[Any, Title, Iterator[Title]]] = []
    while place < len(left) or rows:
        while place < len(left) and (not rows or most[left[place]] >= rows[0][1].votes):
            for stream in read(left[place : place + AT_ONCE]):
                if (title := next(stream, None)) is not None:
                    heappush(rows, (order(title), title, stream))
            place += AT_ONCE
        if rows:
            _, title, stream = heappop(rows)
            yield title
            if (following := next(stream, None)) is not None:
                heappush(rows, (order(following), following, stream))


def facet_counts(view: CatalogueView, filters: Filters) -> tuple[dict[str, dict[str, int]], bool]:
    """For each facet its values with their number of titles, and whether these are the titles that match.

    Where more than `MOST_ROWS` would have to be read, they are those of the whole catalogue.
    """
    _, _, figures = narrowest(view, filters)
    unfiltered = not filters.values and filters.scores is None
    if unfiltered or _to_read(figures, filters, by_year=False) > MOST_ROWS:
        return whole_counts(view), unfiltered
    return counts_of(filter(filters.match, _in_order(view, filters, "score", MOST_ROWS))), True


def whole_counts(view: CatalogueView) -> dict[str, dict[str, int]]:
    """For each facet its values with their number of titles, in the whole catalogue."""
    facets = view.facets()
    return {facet: {value: each.title_count for value, each in facets.get(facet, {}).items()} for facet in FACETS}


def counts_of(titles: Iterable[Title]) -> dict[str, dict[str, int]]:
    """For each facet the values that the titles have, with their number."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for title in titles:
        for facet, of in counts.items():
            of.update(values_of(title, facet))
    return {facet: dict(of) for facet, of in counts.items()}
