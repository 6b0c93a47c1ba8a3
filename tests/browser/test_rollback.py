"""Going back to the lists before, by the buttons of /runs. Comes late: the planted world has one run to go back to."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from domain.contract.sign_in import make_token
from tests.browser.visits import Visits

pytestmark = pytest.mark.cluster


@pytest.mark.skipif("BROWSER_SITE" in os.environ, reason="a site that runs already keeps its lists")
def test_who_is_signed_in_goes_back_to_the_lists_before(visits: Visits, key: str) -> None:
    page = visits.page()
    page.goto(f"/sign-in?token={make_token(key)}")
    page.goto("/runs")
    active = page.locator("#active")
    expect(active).to_contain_text("run-2")
    page.get_by_role("link", name="Go back to the lists before").click()
    expect(page.locator("h1")).to_contain_text("Go back to the lists of")
    page.get_by_role("button", name="Go back", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Readers see the lists before")
    expect(active).to_contain_text("run-1")
    page.goto("/movies/1")
    expect(page.locator("h1")).to_contain_text("data-1")
