"""At a phone's width: the page does not move sideways, and the menu opens and closes, by finger and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Page, expect

from domain.contract.sign_in import make_token
from tests.browser.layout import beyond_the_edge
from tests.browser.pages import PLACES, Place, go, settle
from tests.browser.visits import Visits

pytestmark = pytest.mark.cluster
SMALLEST_TARGET = 24  # px, WCAG 2.5.8; links within a sentence are excepted
TALLEST = 44  # px, of what stands in a row of the header
OF_RATERS = [place for place in PLACES if place.name in ("home", "search", "user", "movie", "picks")]
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


@pytest.mark.parametrize("place", OF_RATERS, ids=lambda place: place.name)
def test_no_page_moves_sideways_for_who_rates(visits: Visits, key: str, place: Place) -> None:
    page = visits.page(phone=True)
    rate_as(page, key)
    assert go(page, visits.address, place)
    assert page.locator(".stars").count() > 0
    assert beyond_the_edge(page) == []


@pytest.mark.parametrize(("phone", "rows"), [(True, 2), (False, 1)], ids=("phone", "desktop"))
def test_the_header_of_who_rates_is_low_and_its_menu_covers_none_of_it(
    visits: Visits, key: str, phone: bool, rows: int
) -> None:
    page = visits.page(phone=phone)
    rate_as(page, key)
    header = box_of(page, ".top")
    assert header["height"] <= 30 + rows * TALLEST
    if phone:
        page.get_by_role("button", name="Menu").tap()
        assert box_of(page, "#nav")["y"] >= header["y"] + header["height"]


def rate_as(page: Page, key: str) -> None:
    """Sign in, and rate as the user with the longest number."""
    page.goto(f"/sign-in?token={make_token(key)}")
    page.get_by_label("User number").fill(str(2**31 - 1))
    page.get_by_role("button", name="Rate as this user").click()
    expect(page.locator(".who")).to_contain_text("User 2147483647")


def box_of(page: Page, what: str) -> FloatRect:
    box = page.locator(what).bounding_box()
    assert box is not None
    return box


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
