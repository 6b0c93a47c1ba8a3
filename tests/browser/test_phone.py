"""At a phone's width: the page does not move sideways, and the menu opens and closes, by finger and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.layout import beyond_the_edge
from tests.browser.pages import PLACES, Place, go, settle
from tests.browser.visits import Visits

pytestmark = pytest.mark.cluster
SMALLEST_TARGET = 24  # px, WCAG 2.5.8; links within a sentence are excepted
SMALL = """least => [...document.querySelectorAll('button, select, input, nav a, .chips a')]
    .filter(each => each.checkVisibility() && !each.closest('#swagger-ui'))
    .filter(each => each.type !== 'hidden' && Math.min(each.offsetWidth, each.offsetHeight) < least)
    .map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_page_moves_sideways(visits: Visits, place: Place) -> None:
    page = visits.page(phone=True)
    assert go(page, visits.address, place), f"no link to {place.name}"
    settle(page, place)
    assert beyond_the_edge(page) == []
    assert page.evaluate(SMALL, SMALLEST_TARGET) == []


def test_the_menu_opens_and_closes_by_finger(visits: Visits) -> None:
    page = visits.page(phone=True)
    page.goto("/")
    button, menu = page.get_by_role("button", name="Menu"), page.locator("#nav")
    expect(menu).to_be_hidden()
    button.tap()
    expect(menu).to_be_visible()
    page.touchscreen.tap(100, 800)  # beside it
    expect(menu).to_be_hidden()
    button.tap()
    page.get_by_role("link", name="Runs").tap()
    expect(page.locator("h1")).to_have_text("Runs")


def test_the_menu_opens_and_closes_by_keys(visits: Visits) -> None:
    page = visits.page(phone=True)
    page.goto("/")
    button, menu = page.get_by_role("button", name="Menu"), page.locator("#nav")
    button.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
