"""What a page brings over the network, and when it is first seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page, Request

BLOCKING = """() => performance.getEntriesByType('resource')
    .filter(each => each.initiatorType === 'script' && each.renderBlockingStatus === 'blocking')
    .map(each => each.name)"""
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass
class Weighed:
    """The answers to the requests of a page: bytes with their headers, as they came."""

    requests: int = 0
    bytes: int = 0
    of_page: int = 0  # of the HTML alone


@contextmanager
def weighed(page: Page) -> Iterator[Weighed]:
    """What is loaded within the block; complete at its end."""
    weight = Weighed()
    answered: list[Request] = []

    def note(request: Request) -> None:
        answered.append(request)

    page.on("requestfinished", note)
    yield weight
    page.remove_listener("requestfinished", note)
    for request in answered:
        if request.url.startswith("http"):
            sizes = request.sizes()
            weight.requests += 1
            weight.bytes += sizes["responseBodySize"] + sizes["responseHeadersSize"]
            weight.of_page = sizes["responseBodySize"] if request.is_navigation_request() else weight.of_page


def blocking(page: Page) -> list[str]:
    """Scripts that the page waits for before it shows anything."""
    return [str(each) for each in page.evaluate(BLOCKING)]


def first_paint(page: Page) -> float | None:
    """Milliseconds until the first words were seen, None where nothing was painted."""
    milliseconds = page.evaluate(FIRST_PAINT)
    return None if milliseconds is None else float(milliseconds)
