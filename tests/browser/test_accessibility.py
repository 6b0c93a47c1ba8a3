"""Every page for everyone: axe-core finds nothing serious, in light and in dark, and pages read without scripts."""

from __future__ import annotations

import pytest

from tests.browser.axe import COLOURS, findings
from tests.browser.pages import PLACES, Place, go, settle
from tests.browser.visits import Visits

pytestmark = pytest.mark.cluster
OF_ALL = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
FAINT = "document.querySelector('h1').insertAdjacentHTML('afterend', '<p id=faint>faint words</p>');"
FAINTER = "document.getElementById('faint').style.cssText = 'color: #777; background: #666'"


@OF_ALL
def test_axe_finds_nothing_serious_in_light_and_dark(visits: Visits, place: Place) -> None:
    page = visits.page()
    assert go(page, visits.address, place), f"no link to {place.name}"
    settle(page, place)
    light = [str(finding) for finding in findings(page)]
    page.emulate_media(color_scheme="dark")
    settle(page, place)
    dark = [str(finding) for finding in findings(page, COLOURS)]
    assert (light, dark) == ([], [])


def test_axe_sees_words_that_are_too_faint(visits: Visits) -> None:
    page = visits.page()
    page.goto("/")
    page.evaluate(FAINT + FAINTER)
    assert [finding.rule for finding in findings(page)] == ["color-contrast"]


@OF_ALL
def test_every_page_reads_without_scripts(visits: Visits, place: Place) -> None:
    page = visits.page(scripts=False)
    assert go(page, visits.address, place), f"no link to {place.name}"
    assert page.locator("h1").is_visible()
    assert page.locator("nav a").first.is_visible()
    assert len(page.locator("main").inner_text()) > 40
