"""Forms of pages that write: what each has to pass, and where the browser is sent when it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, redirect, request, session, url_for
from flask_wtf.csrf import validate_csrf
from markupsafe import Markup
from pydantic import BaseModel
from werkzeug import Response
from wtforms.validators import ValidationError

from web.app.current import config
from web.app.errors import Conflict, Forbidden
from web.app.limits import FEEDBACK, limited, limited_guesses
from web.app.security import refuse_large_body
from web.session.current import me, signed_in

Fields = TypeVar("Fields", bound=BaseModel)

SWITCHED_OFF = "Rating is switched off here: API_KEY is not set where the site runs. Nothing was stored."
NOT_SIGNED_IN = (
    "Nothing was stored, because you are not signed in: a session lasts 12 hours. "
    "Run «make login» where the site runs, open the address that it prints, and do it again."
)
NOT_OUR_FORM = "Nothing was stored, because this form is not of your session. Load the page again, and do it again."
NOBODY = "Say first whom you rate as: open the page of a user and press «Rate as …»."


def register(app: Flask) -> None:
    """Let templates write the fields that every form has."""
    app.add_template_global(csrf)
    app.add_template_global(back)


def csrf() -> Markup:
    """The field that shows that a form is of this session; empty for who is not signed in."""
    token = session.get("form_token", "") if signed_in() else ""
    return _field("csrf_token", token) if token else Markup()


def back() -> Markup:
    """The field that leads back to the page on which a form stands."""
    return _field("back", request.full_path.rstrip("?"))


def _field(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def writes(call: Callable[..., Any]) -> Callable[..., Any]:
    """Let a form pass the limit, then only with a session, a body that is not too large and the session's own token."""

    @limited(FEEDBACK)
    @limited_guesses
    @wraps(call)
    def checked(*args: Any, **values: Any) -> Any:
        if not signed_in():
            raise Forbidden(NOT_SIGNED_IN if config().api_key else SWITCHED_OFF)
        refuse_large_body()
        try:
            validate_csrf(request.form.get("csrf_token"))
        except ValidationError as error:
            raise Forbidden(NOT_OUR_FORM) from error
        return call(*args, **values)

    return checked


def current_user() -> int:
    """The user whom this browser rates as.

    Raises:
        Conflict: it has chosen none.
    """
    user_id = me()
    if user_id is None:
        raise Conflict(NOBODY)
    return user_id


def form_of(model: type[Fields]) -> Fields:
    """The fields of the form, parsed.

    Raises:
        ValidationError: pydantic's, which names the fields that are wrong.
    """
    return model.model_validate(request.form.to_dict())


def to_page_before() -> Response:
    """Send the browser back to the page of this site that the form names, or to the first one."""
    return redirect(local(request.form.get("back", "")), HTTPStatus.SEE_OTHER)


def local(address: str) -> str:
    """The address if it is a path of this site, else that of the first page."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))  # browsers take \ for /
    return address if is_path and address.isprintable() else url_for("home.home")
