"""Signing in and out: the address works once, the cookie is what it should be, and it ends after 12 hours."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from cql.connect import Contact
from domain.contract.sign_in import LIFETIME, make_token
from tests.support.signed_in import said, send, sign_in
from tests.support.site_world import KEY, open_site
from web import create_app
from web.app.limits import GUESSES

AWAY = {"CASSANDRA_HOSTS": "127.0.0.1", "CASSANDRA_PORT": "1"}
TWELVE_HOURS = 12 * 3600


def site(key: str = KEY) -> FlaskClient:
    """A site without Cassandra."""
    return create_app({**AWAY, "API_KEY": key}).test_client()


def address(key: str = KEY, made_at: datetime | None = None) -> str:
    return f"/sign-in?token={make_token(key, made_at)}"


def cookie(headers: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Its name, and what is said of it besides its value."""
    pair, *flags = headers["Set-Cookie"].split("; ")
    return pair.partition("=")[0], flags


@pytest.mark.cluster
def test_an_address_signs_in_and_its_cookie_is_for_this_site_alone(client: FlaskClient) -> None:
    page = client.get(address())
    assert page.status_code == 200 and "You are signed in" in page.text
    name, flags = cookie(page.headers)
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(flags)
    assert page.headers["Cache-Control"] == "private" and "Cookie" in page.headers["Vary"]
    assert name.startswith("session-") and "Sign out" in client.get("/sign-in").text


@pytest.mark.cluster
def test_an_address_works_once_and_its_own_page_may_be_loaded_again(client: FlaskClient) -> None:
    used = address()
    other = client.application.test_client()
    assert client.get(used).status_code == 200
    assert client.get(used).status_code == 200
    again = other.get(used)
    assert (again.status_code, "was used before" in again.text) == (403, True)
    assert "make login" in again.text and "Sign out" not in other.get("/sign-in").text


@pytest.mark.cluster
def test_of_two_processes_that_get_an_address_at_once_one_signs_in(client: FlaskClient, contact: Contact) -> None:
    for _ in range(3):
        used = address()
        with open_site(contact) as other, ThreadPoolExecutor(4) as pool:
            browsers = [each.application.test_client() for each in (client, other) * 2]
            answers = list(pool.map(FlaskClient.get, browsers, [used] * len(browsers)))
        first, *others = sorted(answer.status_code for answer in answers)
        assert first == 200 and set(others) <= {403, 503}  # 503: too busy to tell, and not signed in


@pytest.mark.cluster
def test_a_look_ahead_does_not_use_an_address_up(client: FlaskClient) -> None:
    used = address()
    assert client.head(used).status_code == 204
    assert client.get(used, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    assert client.get(used).status_code == 200


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (address("another key"), "not of this site"),
        ("/sign-in?token=x", "not of this site"),
        (address(made_at=datetime.now(UTC) - LIFETIME - timedelta(seconds=1)), "has expired"),
    ],
    ids=("another key", "no token", "too old"),  # tokens are drawn: processes of one run have to agree on the names
)
def test_an_address_that_is_forged_or_too_old_is_refused_with_why(path: str, why: str) -> None:
    page = site().get(path)
    assert page.status_code == 403
    assert why in page.text and "make login" in page.text
    assert "Set-Cookie" not in page.headers


def test_while_cassandra_is_away_nobody_is_signed_in_and_the_address_may_be_tried_again() -> None:
    page = site().get(address())
    assert page.status_code == 503 and page.headers["Retry-After"]


def test_guesses_of_addresses_are_slowed_down() -> None:
    client, guesses = site(), GUESSES.amount
    assert [client.get("/sign-in?token=x").status_code for _ in range(guesses + 1)] == [403] * guesses + [429]


def test_without_a_token_the_page_says_how_to_get_one_and_without_a_key_that_nobody_can() -> None:
    assert "make login" in site().get("/sign-in").text
    page = site(key="").get(address("")).text
    assert "API_KEY" in page and "make login" not in page and "make setup" not in page


def test_a_session_ends_after_twelve_hours_however_much_is_done_in_it() -> None:
    client = site()
    sign_in(client, since=time.time() - TWELVE_HOURS + 60)
    assert "Sign out" in client.get("/sign-in").text
    assert send(client, "/session/user", user_id=7).status_code == 303  # which sends a cookie anew
    sign_in(client, since=time.time() - TWELVE_HOURS - 1)
    assert "Sign out" not in client.get("/sign-in").text
    answer = send(client, "/session/user", user_id=8)
    assert answer.status_code == 403 and "a session lasts 12 hours" in answer.text


def test_a_cookie_that_is_forged_or_of_another_key_is_like_none() -> None:
    theirs, ours = site("another key"), site()
    sign_in(theirs)
    (value,) = (each.value for each in theirs._cookies.values())
    with ours.session_transaction() as session:
        session["x"] = 1
    (name,) = (each.key for each in ours._cookies.values())
    for text in (value, value[:-3] + "abc", "x", ""):
        ours.set_cookie(name, text)
        page = ours.get("/sign-in")
        assert page.status_code == 200 and "Sign out" not in page.text


def test_two_sites_on_one_host_do_not_sign_each_other_out() -> None:
    names = {create_app({**AWAY, "API_KEY": key}).config["SESSION_COOKIE_NAME"] for key in ("one", "two")}
    assert len(names) == 2


def test_whom_one_rates_as_is_chosen_and_taken_away_again() -> None:
    client = site()
    sign_in(client)
    assert send(client, "/session/user", "/sign-in", user_id="900007").headers["Location"] == "/sign-in"
    assert said(client) == "You rate as user 900007 now."
    page = client.get("/sign-in").text
    assert (
        'href="/users/900007"><span class="unseen">You rate as </span>User 900007</a>' in page
        and "You rate as user 900007 now." in page
    )
    assert "You rate as user 900007 now." not in client.get("/sign-in").text  # it was said
    assert send(client, "/session/user", user_id="").status_code == 303
    assert "Whom do you rate as?</a>" in client.get("/sign-in").text
    assert "user_id: " in send(client, "/session/user", user_id=2**31).text


def test_signing_out_ends_the_session_of_this_browser() -> None:
    client = site()
    sign_in(client, 7)
    assert send(client, "/sign-out").status_code == 303
    page = client.get("/sign-in").text
    assert "You are signed out." in page and "Sign out" not in page
