"""Titles of 300 letters, from right to left and of emoji break no page."""

from __future__ import annotations

import pytest

from tests.browser.layout import beyond_the_edge
from tests.browser.visits import PHONE, Visits
from tests.browser.world import ODD
from tests.support.site_world import LISTED

pytestmark = pytest.mark.cluster
PAGES = {
    "home": "/",
    "search": "/?q=title+of+very+many",
    "user": f"/users/{LISTED}",
    "movie": "/movies/901",
    "long words": "/movies/902",
    "right to left": "/movies/903",
    "emoji": "/movies/905",
    "marks": "/movies/906",
    "catalogue": "/catalogue?genre=comedy",
    "title": "/catalogue/titles/tm901",
    "person": "/catalogue/people/901",
    "people": "/catalogue/people?q=title",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_nothing_sticks_out(visits: Visits, path: str) -> None:
    page = visits.page()
    answer = page.goto(path)
    assert answer is not None and answer.status == 200
    assert any(title.strip() in page.content() for title in ODD.values()), "the page has one of the titles"
    assert beyond_the_edge(page) == []
    page.set_viewport_size(PHONE)
    assert beyond_the_edge(page) == []


def test_a_title_from_right_to_left_leaves_the_words_around_it_where_they_are(visits: Visits) -> None:
    page = visits.page()
    page.goto("/")
    card = page.locator(".card", has=page.locator('h3 a[href="/movies/904"]'))
    title, year = card.locator("h3 a").bounding_box(), card.locator(".year").bounding_box()
    assert title and year and title["x"] + title["width"] <= year["x"] + 1
