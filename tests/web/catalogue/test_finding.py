"""Browsing the catalogue over buckets in memory: the order is that of a plain sort, whatever is filtered."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from domain.contract.catalogue import ALL, NONE
from web.app.errors import NotFound
from web.catalogue import finding
from web.catalogue.finding import (
    ORDERS,
    Budget,
    Filters,
    browse,
    counts_of,
    facet_counts,
    narrowest,
    resolve,
    values_of,
)
from web.catalogue.store import Facets, FacetValue, Title

GENRES, COUNTRIES = ("drama", "comedy", "war"), ("US", "DE")


def titles(count: int) -> list[Title]:
    """Many of them equal in score, votes and year, some without."""
    draw = random.Random(3)
    return [
        Title(
            f"tm{number}",
            f"Title {number}",
            draw.choice(("MOVIE", "SHOW")),
            draw.randint(2000, 2004),
            draw.choice(("R", "PG", None)),
            tuple(draw.sample(GENRES, draw.randint(0, 3))),
            tuple(draw.sample(COUNTRIES, draw.randint(0, 2))),
            draw.choice((NONE, *range(60, 75))),
            draw.choice((NONE, 0, 1, 2, 50, 999)),
        )
        for number in range(count)
    ]


class Buckets:
    """The reads of a catalogue, from lists; `opened` counts the buckets asked for, `pages` has the sizes of pages."""

    def __init__(self, of: Sequence[Title]) -> None:
        self.of, self.opened, self.pages = of, 0, list[int]()

    def _having(self, facet: str, value: str) -> list[Title]:
        return [each for each in self.of if facet == ALL or value in values_of(each, facet)]

    def facets(self) -> Facets:
        values = {(ALL, ALL)} | {(f, v) for each in self.of for f in finding.FACETS for v in values_of(each, f)}
        found: Facets = {}
        for facet, value in values:
            having = self._having(facet, value)
            scores, years = (
                sorted(Counter(column).items(), reverse=True)
                for column in zip(*((t.score, t.year) for t in having), strict=True)
            )
            most = {score: max(t.votes for t in having if t.score == score) for score, _ in scores}
            found.setdefault(facet, {})[value] = FacetValue(len(having), dict(scores), most, dict(years))
        return found

    def of_scores(self, facet: str, value: str, scores: Sequence[int], page: int) -> list[Iterator[Title]]:
        self.opened += len(scores)
        self.pages.append(page)
        having = sorted(self._having(facet, value), key=ORDERS["votes"])
        return [iter([each for each in having if each.score == score]) for score in scores]

    def of_years(
        self, facet: str, value: str, years: Sequence[int], scores: tuple[int, int] | None, page: int
    ) -> list[Iterator[Title]]:
        self.opened += len(years)
        self.pages.append(page)
        low, high = scores or (NONE, 100)
        having = [each for each in sorted(self._having(facet, value), key=ORDERS["score"]) if low <= each.score <= high]
        return [iter([each for each in having if each.year == year]) for year in years]


@pytest.fixture(scope="module")
def view() -> Any:
    return Buckets(titles(300))


@pytest.mark.parametrize("sort", ["score", "votes", "year"])
@pytest.mark.parametrize("scores", [None, (62, 66), (0, 100), (99, 100)])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"genre": "war"},
        {"country": "DE", "type": "SHOW"},
        {"year": "2001"},
        {"year": "2001", "genre": "drama"},
        {"year": "1900"},
    ],
    ids=str,
)
def test_the_order_is_that_of_a_plain_sort(
    view: Any, sort: finding.Sort, scores: tuple[int, int] | None, values: dict[str, str]
) -> None:
    filters = Filters(values, scores)
    expected = sorted(filter(filters.match, view.of), key=ORDERS[sort])
    for limit, offset in ((10, 0), (7, 12), (1000, 0)):
        found = browse(view, filters, sort, limit, offset)
        assert found.titles == expected[offset : offset + limit]
        assert found.total in (None, len(expected))
        assert found.complete
    counts, of_matches = facet_counts(view, filters)
    if values or scores:
        assert of_matches
        assert sum(counts["type"].values()) == len(expected)


def test_by_votes_only_some_of_the_scores_are_read() -> None:
    known = [Title(f"tm{n}", "T", "MOVIE", 2000, None, (), (), n, 1000 - n) for n in range(90)]
    view: Any = Buckets(known)
    assert [each.score for each in browse(view, Filters({}, None), "votes", 5).titles] == [0, 1, 2, 3, 4]
    assert view.opened == finding.AT_ONCE


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> int:
    """Rows that may be read for one answer."""
    monkeypatch.setattr(Budget.__init__, "__defaults__", (20,))
    return 20


def test_an_answer_that_would_read_too_much_says_that_it_is_not_complete(view: Any, budget: int) -> None:
    found = browse(view, Filters({"country": "DE", "type": "SHOW", "certification": "PG"}, None), "score", 50)
    assert not found.complete
    assert browse(view, Filters({"country": "DE"}, None), "score", budget).complete


@pytest.mark.parametrize(("count", "complete"), [(20, True), (21, False)])
def test_an_answer_for_which_as_much_is_read_as_may_be_is_complete(budget: int, count: int, complete: bool) -> None:
    known = [Title(f"tm{n}", "T", "MOVIE", 2000, None, ("war",), ("US",), n, 1) for n in range(count)]
    filters = Filters({"genre": "war", "country": "US"}, None)
    view: Any = Buckets(known)
    assert browse(view, filters, "score", 50).complete == complete


@pytest.mark.parametrize(
    ("values", "pages"),
    [
        ({"genre": "war"}, [20]),  # all that is read matches
        ({"genre": "war", "country": "US"}, [100]),  # half of all are of the US, so likely half of these
        ({"genre": "war", "country": "DE"}, [100, 400, 500]),  # as likely, but no war is of there
    ],
    ids=str,
)
def test_more_is_read_at_once_the_fewer_titles_pass_the_filters(values: dict[str, str], pages: list[int]) -> None:
    war = [Title(f"tm{n}", "T", "MOVIE", 2000, None, ("war",), ("US",), n % 20, 1) for n in range(400)]
    rest = [Title(f"tn{n}", "T", "MOVIE", 2000, None, (), ("DE",), n % 20, 1) for n in range(400)]
    view: Any = Buckets([*war, *rest])
    browse(view, Filters(values, None), "score", 20 if len(values) == 1 else 50)
    assert view.pages == pages


def test_the_filter_is_read_that_has_fewest_titles_within_the_scores_or_the_year() -> None:
    good = [Title(f"tm{n}", "T", "MOVIE", 2001, None, ("drama",), ("US",), 90, 1) for n in range(5)]
    bad = [Title(f"tn{n}", "T", "MOVIE", 2002, None, ("drama",), (), 20, 1) for n in range(50)]
    other = [Title(f"to{n}", "T", "MOVIE", 2001, None, (), ("US",), 90, 1) for n in range(20)]
    view: Any = Buckets([*good, *bad, *other])
    values = {"genre": "drama", "country": "US"}
    assert narrowest(view, Filters(values, None))[:2] == ("country", "US")
    assert narrowest(view, Filters(values, (80, 100)))[:2] == ("genre", "drama")
    assert narrowest(view, Filters({**values, "year": "2001"}, None), by_year=True)[:2] == ("genre", "drama")


def test_titles_that_names_leave_are_counted_without_a_read() -> None:
    counts = counts_of(titles(50))
    assert counts["type"] == Counter(each.type for each in titles(50))
    assert counts["genre"] == Counter(genre for each in titles(50) for genre in each.genres)
    assert set(counts) == set(finding.FACETS)


def test_values_are_found_in_any_case_and_unknown_ones_are_named_with_those_that_are(view: Any) -> None:
    assert resolve(view, {"genre": "DRAMA", "country": "de", "type": None}, None).values == {
        "genre": "drama",
        "country": "DE",
    }
    with pytest.raises(NotFound, match=r"no genre «x» .* comedy, drama, war"):
        resolve(view, {"genre": "x"}, None)
