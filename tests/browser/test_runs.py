"""/runs keeps itself up to date, and leads back to the lists before: last, as there is one way back."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Route, expect

from domain.contract.sign_in import make_token
from tests.browser.visits import Visits

pytestmark = pytest.mark.cluster


def test_the_page_brings_itself_up_to_date_without_a_reload(visits: Visits) -> None:
    page = visits.page()
    page.goto("/runs")
    page.evaluate("window.stays = true")

    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("Running now", "At work now"))

    page.route("**/runs", change)
    heading = page.locator("#now")
    expect(heading).to_have_text("At work now", timeout=30_000)
    with page.expect_response("**/runs", timeout=30_000):
        pass  # and again
    assert page.evaluate("window.stays")


@pytest.mark.skipif("BROWSER_SITE" in os.environ, reason="a site that runs already keeps its lists")
def test_who_is_signed_in_goes_back_to_the_lists_before(visits: Visits, key: str) -> None:
    page = visits.page()
    page.goto(f"/sign-in?token={make_token(key)}")
    page.goto("/runs")
    active = page.locator("#active")
    expect(active).to_contain_text("run-2")
    page.get_by_role("button", name="Go back to the lists of").click()
    expect(page.locator("h1")).to_contain_text("Go back to the lists of")
    page.get_by_role("button", name="Go back", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Readers see the lists before")
    expect(active).to_contain_text("run-1")
    page.goto("/movies/1")
    expect(page.locator("h1")).to_contain_text("data-1")
