"""What every form that writes has to pass, before anything is read, and where it leads."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from tests.support.signed_in import send, sign_in
from tests.support.site_world import KEY
from web import create_app
from web.app.security import MOST_BODY
from web.session.forms import local

FORMS = ["/ratings", "/hidden", "/users", "/catalogue/votes", "/session/user", "/sign-out", "/runs/rollback"]


@cache
def app(key: str) -> Flask:
    """A site without Cassandra: what it refuses, it refuses before it asks for anything."""
    return create_app({"CASSANDRA_HOSTS": "127.0.0.1", "CASSANDRA_PORT": "1", "API_KEY": key})


def site(key: str = KEY) -> FlaskClient:
    """A browser without cookies."""
    return app(key).test_client()


@pytest.mark.parametrize("path", FORMS)
def test_a_form_is_refused_without_a_session_and_without_the_token_of_its_session(path: str) -> None:
    client = site()
    answer = client.post(path, data={"back": "/"})
    assert answer.status_code == 403 and "you are not signed in" in answer.text and "make login" in answer.text
    sign_in(client, 7)
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": foreign_token()}):
        answer = client.post(path, data={"back": "/", **token})
        assert answer.status_code == 403 and "not of your session" in answer.text


def foreign_token() -> str:
    """The token of another session of the same site."""
    with site().application.test_request_context():
        return str(generate_csrf())


@pytest.mark.parametrize("path", FORMS)
def test_without_a_key_nothing_is_written_and_the_sentence_says_why(path: str) -> None:
    answer = site(key="").post(path)
    assert answer.status_code == 403 and "API_KEY is not set" in answer.text


@pytest.mark.parametrize("path", ["/ratings", "/hidden", "/catalogue/votes"])
def test_who_rates_as_nobody_is_told_how_to_choose(path: str) -> None:
    client = site()
    sign_in(client)
    answer = send(client, path)
    assert answer.status_code == 409 and "whom you rate as" in answer.text


def test_a_form_that_is_too_large_is_refused() -> None:
    client = site()
    sign_in(client, 7)
    assert "512 KiB" in send(client, "/users", picks="1," * MOST_BODY).text


@pytest.mark.parametrize(
    ("back", "where"),
    [
        ("/users/5?x=é&y=1#a", "/users/5?x=é&y=1#a"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/\tevil", "/"),
        ("users/5", "/"),
        ("", "/"),
    ],
)
def test_a_form_leads_back_to_a_page_of_this_site_only(back: str, where: Any) -> None:
    with site().application.test_request_context():
        assert local(back) == where
