"""/sign-in with a token or with words how to get one, /sign-out, and /session/user: whom one rates as."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

from flask import Blueprint, Response, render_template, request, session
from pydantic import BaseModel, BeforeValidator, Field
from werkzeug import Response as AnyResponse

from domain.contract.sign_in import PATH, Forged, TooLate, checked
from web.app.current import config
from web.app.fields import INT32, none_if_empty
from web.app.limits import limited_guesses
from web.session.claims import claimed
from web.session.current import rate_as, sign_in, sign_out, signed_in
from web.session.forms import form_of, to_page_before, writes
from web.session.said import say

FORGED = "This address is not of this site, or its key has changed since."
TOO_LATE = "This address has expired: it is good for an hour."
USED = "This address was used before: it works once."

blueprint = Blueprint("session", __name__)


class UserForm(BaseModel):
    user_id: Annotated[Annotated[int, Field(ge=1, le=INT32)] | None, BeforeValidator(none_if_empty)] = None


@blueprint.get(PATH)
@limited_guesses
def sign_in_page() -> str | Response | tuple[str, int]:
    """With a token: sign this browser in. Without one: how to get it, or what who is signed in can do."""
    token, key = request.args.get("token"), config().api_key
    if not token or key is None:
        return render_template("session/sign_in.html")
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return Response(status=HTTPStatus.NO_CONTENT)  # nobody has opened it yet
    try:
        nonce = checked(key, token)
    except (Forged, TooLate) as error:
        return _refused(TOO_LATE if isinstance(error, TooLate) else FORGED)
    claim = session["claim"] if signed_in() else secrets.token_urlsafe(16)
    if not claimed(nonce, claim):
        return _refused(USED)
    if not signed_in():
        sign_in(claim)
    return render_template("session/sign_in.html")


def _refused(why: str) -> tuple[str, int]:
    return render_template("session/refused.html", why=why), HTTPStatus.FORBIDDEN


@blueprint.post("/sign-out")
@writes
def end() -> AnyResponse:
    """End the session of this browser."""
    sign_out()
    say("You are signed out.")
    return to_page_before()


@blueprint.post("/session/user")
@writes
def choose() -> AnyResponse:
    """Rate as another user from now on, or as none."""
    chosen = form_of(UserForm).user_id
    rate_as(chosen)
    say(f"You rate as user {chosen} now." if chosen else "You rate as no user now.")
    return to_page_before()
