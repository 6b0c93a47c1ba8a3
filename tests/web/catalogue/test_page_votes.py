"""Likes and dislikes by the buttons of pages."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from cql.apply import apply
from cql.connect import Contact, connect
from tests.support.invented_world import MEDIA, TITLE, store_world
from tests.support.signed_in import said, send, sign_in, undo
from tests.support.site_world import open_site

pytestmark = pytest.mark.cluster
PAGE = f"/catalogue/titles/{MEDIA}"
VOTER = 900_020


@pytest.fixture(scope="module")
def contact(contact: Contact) -> Contact:
    """A keyspace with a catalogue of one title."""
    own = dataclasses.replace(contact, keyspace="web_test_votes")
    apply(own)
    session = connect(own)
    store_world(session, invented=False)
    session.cluster.shutdown()
    return own


@pytest.fixture
def site(contact: Contact) -> Iterator[FlaskClient]:
    with open_site(contact) as client:
        yield client


def buttons(page: str) -> list[tuple[str, str, str]]:
    """Of each button what it sends, whether it is pressed, and its word."""
    return re.findall(r'<button name="vote" value="(-?\d)"[^>]*aria-pressed="(\w+)"[^>]*>(\w+)<', page)


def test_a_vote_is_stored_and_drawn_and_pressed_again_it_is_taken_back(site: FlaskClient) -> None:
    sign_in(site, VOTER)
    assert buttons(site.get(PAGE).text) == [("1", "false", "Like"), ("-1", "false", "Dislike")]
    answer = send(site, "/catalogue/votes", PAGE, media_id=MEDIA, vote=1)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert said(site) == f"You like «{TITLE}»."
    page = site.get(PAGE).text
    assert buttons(page) == [("0", "true", "Like"), ("-1", "false", "Dislike")] and f"as user {VOTER}" in page
    send(site, "/catalogue/votes", media_id=MEDIA, vote=-1)
    undo(site)
    assert site.get(f"/api/v1/users/{VOTER}/feedback").json["items"][0]["vote"] == 1
    send(site, "/catalogue/votes", media_id=MEDIA, vote=0)
    assert site.get(f"/api/v1/users/{VOTER}/feedback").json["items"] == []
    undo(site)
    assert buttons(site.get(PAGE).text)[0] == ("0", "true", "Like")


def test_a_vote_that_cannot_be_is_refused(site: FlaskClient) -> None:
    sign_in(site, VOTER)
    assert send(site, "/catalogue/votes", media_id="tm0", vote=1).status_code == 404
    for vote in ("2", "much", ""):
        assert "vote: " in send(site, "/catalogue/votes", media_id=MEDIA, vote=vote).text


def test_who_cannot_vote_is_told_how(site: FlaskClient) -> None:
    page = site.get(PAGE).text
    assert "make login" in page and buttons(page) == []
    sign_in(site)
    page = site.get(PAGE).text
    assert "say whom you rate as" in page and buttons(page) == []
