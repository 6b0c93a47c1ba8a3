"""What a page's layout is asked for."""

from __future__ import annotations

from playwright.sync_api import Page

# Elements that reach beyond the right edge of the window and cannot be scrolled to inside a box of their own
BEYOND = """() => {
  const width = document.documentElement.clientWidth, page = document.documentElement.scrollWidth;
  const scrolls = each => each && (getComputedStyle(each).overflowX !== 'visible' || scrolls(each.parentElement));
  const out = box => box.width && (box.right > width + 1 || box.left < -1);
  const found = [...document.querySelectorAll('body *')]
    .filter(each => each.checkVisibility() && !each.closest('.skip, #js-plotly-tester'))
    .filter(each => out(each.getBoundingClientRect()))
    .filter(each => !scrolls(each.parentElement))
    .map(each => each.outerHTML.slice(0, 160));
  return page > width ? [`the page is ${page} px wide in ${width}`, ...found] : found;
}"""


def beyond_the_edge(page: Page) -> list[str]:
    """What sticks out at the right or left of the window."""
    return [str(each) for each in page.evaluate(BEYOND)]
