"""The keyboard alone: over the navigation to the content, everything in order and in sight, and a search."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visits
from tests.support.site_world import LISTED

pytestmark = pytest.mark.cluster
STEPS = 40
LEAST_OUTLINE = 2  # px
FOCUSED = """() => {
  const each = document.activeElement, box = each.getBoundingClientRect(), style = getComputedStyle(each);
  const all = [...document.querySelectorAll('*')];
  return {
    what: each.outerHTML.slice(0, 120), place: all.indexOf(each), name: each.tagName,
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


def test_the_first_tab_leads_over_the_navigation(visits: Visits) -> None:
    page = visits.page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("path", ["/", f"/users/{LISTED}", "/movies/1", "/catalogue", "/runs"])
def test_tab_goes_through_the_page_in_order_and_in_sight(visits: Visits, path: str) -> None:
    page = visits.page()
    page.goto(path)
    stops = _stops(page)
    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    assert [stop["what"] for stop in stops if stop["outline"] < LEAST_OUTLINE] == []
    places = [stop["place"] for stop in stops]
    assert places == sorted(places)
    assert len(places) > 5


def _stops(page: Page) -> list[dict[str, Any]]:
    """What has the focus after each Tab, until it leaves the page."""
    found: list[dict[str, Any]] = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["name"] == "BODY" or (found and stop["place"] == found[0]["place"]):
            break
        found.append(stop)
    return found


def test_a_search_by_keys(visits: Visits) -> None:
    page = visits.page()
    page.goto("/")
    page.get_by_role("searchbox").first.focus()
    page.keyboard.type("western")
    page.keyboard.press("Enter")
    expect(page.locator(".card h3 a", has_text="A Western Lake")).to_be_visible()
