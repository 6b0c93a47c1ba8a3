"""The browser, the sites that it looks at, and pages that fail their test when something goes wrong on them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import open_chromium
from tests.browser.program import MISSING, find_chromium
from tests.browser.visits import Visits
from tests.browser.world import make_world, served
from tests.conftest import free_ports


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; without it these tests are skipped, in CI they fail."""
    if find_chromium() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the planted world; BROWSER_SITE names a site that runs in its place, while tests are written."""
    if address := os.environ.get("BROWSER_SITE"):
        yield address
        return
    folder = tmp_path_factory.mktemp("browser")
    own = make_world(request.getfixturevalue("cluster"), request.getfixturevalue("jobs"), folder)
    with served(own.child_environ(), free_ports(1)[0], folder / "web.log") as address:
        yield address


@pytest.fixture(scope="package")
def real(request: pytest.FixtureRequest) -> str:
    """The address of the site with the real movies and a trained model; BROWSER_SITE is taken in its place."""
    return os.environ.get("BROWSER_SITE") or str(request.getfixturevalue("site").web_address)


def _visits(browser: Browser, address: str) -> Iterator[Visits]:
    visits = Visits(browser, address)
    yield visits
    visits.close()
    assert visits.troubles == []


@pytest.fixture
def visits(browser: Browser, planted: str) -> Iterator[Visits]:
    """Pages of the planted world."""
    yield from _visits(browser, planted)


@pytest.fixture
def real_visits(browser: Browser, real: str) -> Iterator[Visits]:
    """Pages of the site with the real movies."""
    yield from _visits(browser, real)
