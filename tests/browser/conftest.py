"""The browser, the sites that it looks at, and pages that fail their test when something goes wrong on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import open_chromium
from tests.browser.program import MISSING, find_chromium
from tests.browser.visits import Visits
from tests.browser.world import make_world, served
from tests.conftest import free_ports
from tests.support.gate import Gate


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


@pytest.fixture(scope="session")
def key() -> str:
    """The API_KEY of the site with the real movies."""
    return os.environ["API_KEY"] if "BROWSER_SITE" in os.environ else "test-key"


@pytest.fixture
def gated(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path
) -> Iterator[tuple[Visits, Callable[[bool], None]]]:
    """Pages of a site of its own that reaches Cassandra through a gate, and what opens and shuts that."""
    if "BROWSER_SITE" in os.environ:
        pytest.skip("a site that runs already has no gate")
    site = request.getfixturevalue("site")
    gate = Gate((site.hosts[0], site.ports.cql))
    gate.open()
    environ = {**site.child_environ(), "CASSANDRA_PORT": str(gate.port)}
    try:
        with served(environ, free_ports(1)[0], tmp_path / "web.log") as address:
            visits = Visits(browser, address)
            yield visits, lambda is_open: gate.open() if is_open else gate.close()
            visits.close()
    finally:
        gate.close()
    assert visits.troubles == []
