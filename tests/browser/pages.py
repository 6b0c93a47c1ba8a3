"""Every page of the site, by name. What has a number that nobody knows ahead is found by a link on another page."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

MOST_MS = 90_000  # for a page with plots, on a machine that does other work


@dataclass(frozen=True)
class Place:
    """A page. Where nobody knows its address, `links` lead to it from `path`: of each page the first that begins so."""

    name: str
    path: str
    links: tuple[str, ...] = ()
    has_plots: bool = False


PLACES = (
    Place("home", "/"),
    Place("search", "/?q=lake"),
    Place("genre", "/?genre=Comedy"),
    Place("user", "/users/1"),
    Place("movie", "/movies/1"),
    Place("catalogue", "/catalogue"),
    Place("catalogue-overview", "/catalogue/overview"),
    Place("title", "/catalogue?genre=comedy", links=("/catalogue/titles/",)),
    Place("people", "/catalogue/people?q=ann"),
    Place("person", "/catalogue?genre=comedy", links=("/catalogue/titles/", "/catalogue/people/")),
    Place("songs", "/songs", has_plots=True),
    Place("song", "/songs", links=("/songs/SO",)),
    Place("listener", "/songs", links=("/songs/SO", "/songs/listeners/")),
    Place("listening", "/songs", links=("/songs/SO", "/songs/listeners/", "/songs/sessions/")),
    Place("data", "/insights", has_plots=True),
    Place("quality", "/quality", has_plots=True),
    Place("drift", "/drift", has_plots=True),
    Place("outliers", "/outliers", has_plots=True),
    Place("runs", "/runs"),
    Place("record", "/runs", links=("/runs/publish_recommendations/",)),
    Place("rollback", "/runs/rollback"),
    Place("operate", "/operate"),
    Place("sign-in", "/sign-in"),
    Place("api", "/openapi/swagger", has_plots=True),
    Place("not-found", "/movies/2147483647"),
    Place("picks", "/?picks=1,2,4"),  # last: the browser keeps them
)


def go(page: Page, address: str, place: Place) -> bool:
    """Open the page; False where no link leads to it."""
    _open(page, address + place.path)
    for beginning in place.links:
        link = page.locator(f'main a[href^="{beginning}"]')
        if not link.count():
            return False
        _open(page, address + str(link.first.get_attribute("href")))
    return True


def _open(page: Page, address: str) -> None:
    page.goto(address, wait_until="load", timeout=MOST_MS)


def settle(page: Page, place: Place) -> None:
    """Wait until the plots of the page are drawn."""
    if place.has_plots:
        page.wait_for_load_state("networkidle")
