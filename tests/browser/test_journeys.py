"""What people do on the site, from the first page to the end, on real movies with a trained model."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Locator, Page, Route, expect

from domain.contract.sign_in import LIFETIME, make_token
from tests.browser.visits import Visits
from web import create_app

pytestmark = pytest.mark.cluster
NEW_USERS = count(int(time.time()) % 90_000 + 900_001)  # far from those of the data, other ones with every run
STAYS = "window.stays = true"  # gone after a reload


def sign_in(page: Page, key: str, user: int | None = None) -> int:
    """By a fresh address; rates as a user without ratings unless one is named."""
    user = user or next(NEW_USERS)
    page.goto(f"/sign-in?token={make_token(key)}")
    page.get_by_label("User number").fill(str(user))
    page.get_by_role("button", name="Rate as this user").click()
    expect(page.locator("#said")).to_contain_text(f"You rate as user {user} now")
    return user


def stars_of(card: Locator) -> Locator:
    return card.locator(".stars input")


def rate_by_mouse(card: Locator, share: float = 0.95) -> None:
    """Click on the row of stars, so far from its left end."""
    box = stars_of(card).bounding_box()
    assert box is not None
    stars_of(card).click(position={"x": box["width"] * share, "y": box["height"] / 2})


def rate_first_cards(page: Page, cards: int) -> None:
    """Give stars to the first movies of the first page, and wait for the answer to each."""
    page.goto("/")
    for place in range(cards):
        card = page.locator("#popular .card").nth(place)
        rate_by_mouse(card)
        expect(page.locator("#said")).to_contain_text(f"You gave «{card.locator('h3 a').inner_text()}»")


def titles(page: Page) -> list[str]:
    return page.locator("#list .card h3 a").all_inner_texts()


def test_a_visitor_picks_three_movies_and_gets_a_list_with_reasons(real_visits: Visits) -> None:
    page = real_visits.page()
    page.goto("/")
    page.evaluate(STAYS)
    for place in range(3):
        page.locator("#popular .card").nth(place).get_by_text("I like this").click()
        expect(page.locator("#picks .chips li")).to_have_count(place + 1)
    mine = page.locator("#yours .card")
    expect(mine.first).to_be_visible()
    expect(mine.first).to_contain_text("because you liked")
    assert page.evaluate("window.stays"), "without a reload"
    assert re.search(r"picks=\d+,\d+,\d+", page.url), "what was picked is in the address"
    before = mine.locator("h3 a").all_inner_texts()
    mine.first.get_by_text("Not interested").click()
    expect(mine.first.locator("h3 a")).not_to_have_text(before[0])
    page.goto("/")
    expect(page.locator("#picks .chips li")).to_have_count(3)  # kept by the browser
    expect(mine.first.locator("h3 a")).to_have_text(before[1])


def test_a_visitor_with_a_phone_and_one_with_keys_pick(real_visits: Visits) -> None:
    phone = real_visits.page(phone=True)
    phone.goto("/")
    phone.locator("#popular .card").first.get_by_text("I like this").tap()
    expect(phone.locator("#picks .chips li")).to_have_count(1)
    keys = real_visits.page()
    keys.goto("/")
    keys.locator("#popular .card").first.locator("a[data-pick]").focus()
    keys.keyboard.press("Enter")
    expect(keys.locator("#picks .chips li")).to_have_count(1)
    expect(keys.locator("#popular .card").first.locator("a[data-pick]")).to_be_focused()


def test_who_has_signed_in_rates_and_the_list_answers_until_undo(real_visits: Visits, key: str) -> None:
    page = real_visits.page()
    user = sign_in(page, key)
    rate_first_cards(page, 3)
    page.goto(f"/users/{user}")
    page.evaluate(STAYS)
    expect(page.locator("#list .card").first).to_contain_text("because you liked")
    before = titles(page)
    rate_by_mouse(page.locator("#list .card").first)
    expect(page.locator("#said")).to_contain_text(f"You gave «{before[0]}»")
    expect(page.locator("#said")).to_contain_text("New on your list")
    assert before[0] not in titles(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text("has no rating of yours")
    assert titles(page) == before
    assert page.evaluate("window.stays"), "without a reload"


def test_stars_are_given_by_keys(real_visits: Visits, key: str) -> None:
    page = real_visits.page()
    sign_in(page, key)
    page.goto("/")
    card = page.locator("#popular .card").first
    stars_of(card).focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(card.locator("output")).to_have_text("4.5")
    page.keyboard.press("Tab")
    expect(page.locator("#said")).to_contain_text("★ 4.5")
    expect(card.get_by_role("button", name="Not interested")).to_be_focused()


def test_what_was_hidden_stays_hidden_after_a_reload(real_visits: Visits, key: str) -> None:
    page = real_visits.page()
    user = sign_in(page, key)
    page.goto(f"/users/{user}")
    gone = titles(page)[0]
    page.locator("#list .card").first.get_by_role("button", name="Not interested").click()
    expect(page.locator("#said")).to_contain_text("is left out of your lists")
    assert gone not in titles(page)
    page.reload()
    assert gone not in titles(page)
    expect(page.locator("main")).to_contain_text(gone)  # among those that can be shown again


def test_who_signs_in_with_picks_is_offered_to_save_them_at_once(real_visits: Visits, key: str) -> None:
    page = real_visits.page()
    page.goto("/?picks=1,2,4")
    page.goto(f"/sign-in?token={make_token(key)}")
    save = page.get_by_role("button", name="Save your 3 picks as a new user")
    expect(save).to_be_in_viewport()
    page.goto("/")
    expect(save).to_be_in_viewport()
    expect(page.locator("#yours .card").first).to_be_visible()
    page.goto("/sign-in")
    save.click()
    expect(page.locator("h1")).to_contain_text("User 1")
    page.get_by_role("button", name="Copy the number").click()
    number = page.locator("#my-number").inner_text()
    assert page.evaluate("getSelection().toString()") == number
    assert page.url.endswith(f"/users/{number}")
    page.get_by_role("link", name="Your ratings (3)").click()
    expect(page.locator("#history")).to_be_in_viewport()


def test_stars_show_what_a_click_would_give(real_visits: Visits, key: str) -> None:
    page = real_visits.page()
    sign_in(page, key)
    page.goto("/")
    card = page.locator("#popular .card").first
    box = stars_of(card).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    expect(card.locator("output")).to_have_text("3.5")
    page.mouse.move(5, 5)
    expect(card.locator("output")).to_have_text("not rated")
    rate_by_mouse(card)
    expect(page.locator("#said")).to_contain_text("★ 5.0")
    expect(card.locator("output")).to_have_text("5.0")


def test_a_list_that_is_made_anew_says_so(real_visits: Visits) -> None:
    page = real_visits.page()
    page.goto("/?picks=1,2")
    listed = page.locator("#listed")
    expect(listed).not_to_have_attribute("aria-busy", "true")
    with held(page, "**/?picks=*") as let_go:
        page.locator("#yours .card").first.get_by_text("Not interested").click()
        expect(listed).to_have_attribute("aria-busy", "true")
        let_go()
    expect(listed).not_to_have_attribute("aria-busy", "true")


@contextmanager
def held(page: Page, address: str) -> Iterator[Callable[[], None]]:
    """Requests wait until the given function is called."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))
    yield lambda: [route.continue_() for route in waiting] and None
    page.unroute(address)


def test_a_message_leaves_by_itself_unless_somebody_is_at_it(real_visits: Visits, key: str) -> None:
    page = real_visits.page()
    page.clock.install()
    sign_in(page, key)
    page.goto("/")
    rate_by_mouse(page.locator("#popular .card").first)
    page.clock.run_for(1_000)  # the pause after the last move
    said = page.locator(".said")
    expect(said).to_contain_text("You gave")
    said.hover()
    page.clock.run_for(30_000)
    expect(said).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(30_000)
    expect(said).to_have_count(0)


def test_search_answers_while_somebody_types(real_visits: Visits) -> None:
    page = real_visits.page()
    page.goto("/")
    page.evaluate(STAYS)
    page.get_by_role("searchbox").press_sequentially("toy st")
    expect(page.locator("#found")).to_contain_text("Toy Story")
    assert page.evaluate("window.stays"), "without a reload"


def test_without_scripts_stars_are_a_plain_form(real_visits: Visits, key: str) -> None:
    page = real_visits.page(scripts=False)
    sign_in(page, key)
    page.goto("/")
    card = page.locator("#popular .card").first
    title = card.locator("h3 a").inner_text()
    stars_of(card).focus()
    page.keyboard.press("End")
    card.get_by_role("button", name="Rate", exact=True).click()
    expect(page.locator("#said")).to_contain_text(f"You gave «{title}»")
    assert page.url.rstrip("/").endswith(real_visits.address), "back on the page where the form stood"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text(f"«{title}» has no rating of yours")


@pytest.mark.parametrize("case", ["used twice", "too late", "forged"])
def test_a_token_that_is_not_good_signs_nobody_in(real_visits: Visits, key: str, case: str) -> None:
    real_visits.expect_status(403)
    page = real_visits.page()
    past = datetime.now(UTC) - LIFETIME - timedelta(seconds=1)
    token = make_token("another key" if case == "forged" else key, past if case == "too late" else None)
    if case == "used twice":
        real_visits.page().goto(f"/sign-in?token={token}")  # by another browser
    page.goto(f"/sign-in?token={token}")
    expect(page.locator("h1")).to_have_text("This did not sign you in")
    expect(page.locator("main")).to_contain_text("make login")
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("case", ["expired", "signed out elsewhere"])
def test_after_the_session_a_rating_is_not_lost_without_a_word(real_visits: Visits, key: str, case: str) -> None:
    real_visits.expect_status(403)
    page = real_visits.page()
    sign_in(page, key)
    page.goto("/")
    page.context.clear_cookies()
    if case == "expired":
        name, value = _old_session(key)
        page.context.add_cookies([{"name": name, "value": value, "url": real_visits.address}])
    card = page.locator("#popular .card").first
    rate_by_mouse(card)
    expect(page.locator("#said")).to_contain_text("Nothing was stored, because you are not signed in")
    expect(card.locator("output")).to_have_text("not rated")


def _old_session(key: str) -> tuple[str, str]:
    """The name and the value of the cookie of a session that began 13 hours ago."""
    app = create_app({"API_KEY": key})
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    since = int(time.time() - timedelta(hours=13).total_seconds())
    value = serializer.dumps({"since": since, "claim": "test", "user_id": next(NEW_USERS), "form_token": "old"})
    return app.config["SESSION_COOKIE_NAME"], str(value)


def test_while_cassandra_is_away_pages_say_so_and_then_come_back(gated: tuple[Visits, Callable[[bool], None]]) -> None:
    visits, let_through = gated
    visits.expect_status(503)
    page = visits.page()
    page.goto("/")
    expect(page.locator("#popular .card").first).to_be_visible()
    let_through(False)
    page.locator("#popular .card").first.get_by_text("I like this").click()
    expect(page.locator("#picked")).not_to_be_empty()  # the sentence of the error, on the page that stays
    answer = page.goto("/")
    assert answer is not None and answer.status == 503
    assert answer.headers["retry-after"]
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main .lead")).to_contain_text("again")
    let_through(True)
    deadline = time.monotonic() + 60
    while (answer := page.goto("/")) is None or answer.status != 200:
        assert time.monotonic() < deadline, "it does not come back"
    expect(page.locator("#popular .card").first).to_be_visible()
