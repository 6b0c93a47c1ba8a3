"""Every page of the site, by name. What has a number that nobody knows ahead is found by a link on another page."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class Place:
    """A page; `link` is the beginning of the first link on it that leads to the page that is meant."""

    name: str
    path: str
    link: str = ""
    has_plots: bool = False


PLACES = (
    Place("home", "/"),
    Place("search", "/?q=lake"),
    Place("genre", "/?genre=Comedy"),
    Place("picks", "/?picks=1,2,4"),
    Place("user", "/users/1"),
    Place("movie", "/movies/1"),
    Place("catalogue", "/catalogue"),
    Place("catalogue-overview", "/catalogue/overview"),
    Place("title", "/catalogue?genre=comedy", link="/catalogue/titles/"),
    Place("people", "/catalogue/people?q=ann"),
    Place("person", "/catalogue/people?q=ann", link="/catalogue/people/"),
    Place("songs", "/songs", has_plots=True),
    Place("song", "/songs", link="/songs/S"),
    Place("listener", "/songs", link="/songs/listeners/"),
    Place("listening", "/songs", link="/songs/sessions/"),
    Place("data", "/insights", has_plots=True),
    Place("quality", "/quality", has_plots=True),
    Place("drift", "/drift", has_plots=True),
    Place("outliers", "/outliers", has_plots=True),
    Place("runs", "/runs"),
    Place("operate", "/operate"),
    Place("sign-in", "/sign-in"),
    Place("api", "/openapi/swagger", has_plots=True),
    Place("not-found", "/movies/2147483647"),
)


def go(page: Page, address: str, place: Place) -> bool:
    """Open the page; False where the page that should link to it has no such link."""
    page.goto(address + place.path, wait_until="load")
    if not place.link:
        return True
    link = page.locator(f'main a[href^="{place.link}"]')
    if not link.count():
        return False
    page.goto(address + str(link.first.get_attribute("href")), wait_until="load")
    return True


def settle(page: Page, place: Place) -> None:
    """Wait until the plots of the page are drawn."""
    if place.has_plots:
        page.wait_for_load_state("networkidle")
