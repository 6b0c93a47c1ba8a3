"""A browser that is signed in, without the address that it takes; and what its forms send."""

from __future__ import annotations

import time
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

RAW = "the token of a session of the tests"


def sign_in(client: FlaskClient, user_id: int | None = None, since: float | None = None) -> None:
    """Sign the client in, as from now or from another time, and let it rate as a user."""
    token = URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(RAW)
    with client.session_transaction() as session:
        session.update(since=int(since or time.time()), claim="test", csrf_token=RAW, form_token=token)
        session["user_id"] = user_id


def send(client: FlaskClient, path: str, back: str = "/runs", **fields: Any) -> TestResponse:
    """Send a form of the client's session."""
    with client.session_transaction() as session:
        token = session["form_token"]
    return client.post(path, data={"csrf_token": token, "back": back, **fields})


def said(client: FlaskClient) -> str:
    """What the next page will say."""
    with client.session_transaction() as session:
        return str(session["said"]["text"])


def undo(client: FlaskClient, back: str = "/runs") -> TestResponse:
    """Send the form that the next page will offer."""
    with client.session_transaction() as session:
        form = session["said"]["undo"]
    return send(client, form["action"], back, **form["fields"])
