"""The form and the buttons for likes, as templates; what they call is tested with the real catalogue."""

from __future__ import annotations

import re

import pytest
from flask import render_template_string

from web import create_app

TITLE = {"media_id": "tm1", "display_title": 'A "bold" <b>title</b>'}
BUTTONS = "{% from 'catalogue/votes.html' import voter, vote_buttons %}{{ voter(user) }}{{ vote_buttons(title) }}"


def drawn(key: str, user: int | None = None) -> str:
    app = create_app({"CASSANDRA_HOSTS": "127.0.0.1", "API_KEY": key})
    with app.test_request_context("/"):
        return render_template_string(BUTTONS, title=TITLE, user=user)


def test_a_title_has_two_buttons_that_wait_for_the_script() -> None:
    page = drawn("a key")
    assert re.findall(r'value="(-?1)" aria-pressed="false">(\w+)<', page) == [("1", "Like"), ("-1", "Dislike")]
    assert page.count(" hidden") == 3  # form, link, buttons: without the script none of them does anything
    assert '/static/votes.js"></script>' in page
    assert "a key" not in page


def test_the_script_is_told_the_addresses_and_the_title() -> None:
    page = drawn("a key")
    assert 'data-votes="/api/v1/users/USER/feedback"' in page
    assert 'data-page="/users?user_id=USER#for-you"' in page
    assert 'data-title="tm1" data-name="A &#34;bold&#34; &lt;b&gt;title&lt;/b&gt;"' in page


@pytest.mark.parametrize(("user", "kind"), [(None, "number"), (7, "hidden")])
def test_the_user_is_asked_for_only_where_the_page_is_nobodys(user: int | None, kind: str) -> None:
    assert f'<input type="{kind}" name="user"' in drawn("a key", user)


def test_without_a_key_votes_are_said_to_be_off() -> None:
    page = drawn("")
    assert "Voting is switched off" in page
    assert "<button" not in page
    assert "<script" not in page
