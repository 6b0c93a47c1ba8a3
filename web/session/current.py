"""The session of a browser: a signed cookie that says since when it is signed in, and as whom it rates.

It is signed with a key of its own made of API_KEY, so that another API_KEY ends all sessions. A cookie that is forged,
of another key or too old is like none.
"""

from __future__ import annotations

import time
from datetime import timedelta

from flask import Flask, Response, g, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from domain.contract.sign_in import derived
from web.app.current import config

LIFETIME = timedelta(hours=12)  # of a session from its beginning, whatever is done in it
NO_KEY = Markup("Nobody can {} here: set <code>API_KEY</code> where the site runs, and start it again.")
HOW = Markup("To {}, sign in: run <code>make login</code> where the site runs, and open the address that it prints.")


def register(app: Flask) -> None:
    """Give `app` sessions if it has a key, and templates what they ask of them."""
    key = app.extensions["recommender.config"].api_key
    app.config.update(
        SECRET_KEY=derived(key, "session") if key else None,
        # browsers do not tell ports apart: two sites of one host need two names
        SESSION_COOKIE_NAME=f"session-{derived(key, 'cookie').hex()[:8]}" if key else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
        WTF_CSRF_TIME_LIMIT=None,  # it ends with its session
    )
    app.after_request(_keep_private)
    for function in (signed_in, me, sign_in_hint):
        app.add_template_global(function)


def _keep_private(response: Response) -> Response:
    if g.get("is_signed_in"):
        response.headers.setdefault("Cache-Control", "private")
    return response


def sign_in(claim: str) -> None:
    """Begin a session for this browser; `claim` is whom its token belongs to."""
    session.clear()
    session.permanent = True
    # one token for all forms of a session, so that parts of pages that did not change look the same
    session.update(since=int(time.time()), claim=claim, form_token=generate_csrf())
    g.is_signed_in = True


def sign_out() -> None:
    """End the session of this browser."""
    session.clear()
    g.is_signed_in = False


def signed_in() -> bool:
    """Whether this browser is signed in."""
    if "is_signed_in" not in g:
        age = time.time() - session.get("since", 0)
        g.is_signed_in = config().api_key is not None and 0 <= age < LIFETIME.total_seconds()
    return bool(g.is_signed_in)


def me() -> int | None:
    """The user whom this browser rates as, if it is signed in and has chosen one."""
    return session.get("user_id") if signed_in() else None


def rate_as(user_id: int | None) -> None:
    """Rate as this user from now on, or as nobody; for who is signed in."""
    session["user_id"] = user_id


def sign_in_hint(to: str = "rate") -> Markup:
    """The line that says how to sign in `to` do something, or that nobody can."""
    return (HOW if config().api_key else NO_KEY).format(to)
