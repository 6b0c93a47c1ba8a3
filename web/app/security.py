"""Headers that every answer carries, and what calls that write have to pass: limits, the key, the size of the body."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, request
from flask_openapi3 import validate_request
from limits import RateLimitItem
from werkzeug.exceptions import RequestEntityTooLarge

from web.app.current import config
from web.app.errors import Forbidden, TooLarge
from web.app.limits import limited, limited_guesses

MOST_BODY = 512 * 1024  # bytes: 1,000 ratings take a quarter of it

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src {styles}; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Plotly and Swagger UI add <style> elements while they draw
DRAWN_BY_SCRIPT = ("/insights", "/outliers", "/quality", "/drift", "/songs", "/openapi/")


def register(app: Flask) -> None:
    """Add the headers to every answer of `app`."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    styles = "'self' 'unsafe-inline'" if request.path.startswith(DRAWN_BY_SCRIPT) else "'self'"
    response.headers["Content-Security-Policy"] = POLICY.format(styles=styles)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def require_key(given: str | None) -> None:
    """Let a call that writes pass only with the configured key.

    Raises:
        Forbidden: no key is configured, none is given, or another one.
    """
    key = config().api_key
    if key is None:
        raise Forbidden("Writes are switched off: set API_KEY where the web app runs to allow them.")
    if not hmac.compare_digest((given or "").encode(), key.encode()):
        raise Forbidden("The header X-API-Key is missing or wrong.")


Call = Callable[..., Any]


def refuse_large_body() -> None:
    """Read the body if it is not too large; by its length where it has one, else by what comes.

    Raises:
        TooLarge: it is.
    """
    request.max_content_length = MOST_BODY + 1  # a body of unknown length is cut there without a word
    try:
        is_large = len(request.get_data()) > MOST_BODY
    except RequestEntityTooLarge:
        is_large = True
    if is_large:
        raise TooLarge(f"The body is larger than {MOST_BODY // 1024} KiB: send less at a time.")


def guarded(limit: RateLimitItem) -> Callable[[Call], Call]:
    """Let a call that writes pass the limit, then the key, then the size of its body; only then is the body read."""

    def decorate(call: Call) -> Call:
        validated = validate_request()(call)

        @limited(limit)
        @limited_guesses
        @wraps(validated)
        def checked(*args: Any, **values: Any) -> Any:
            require_key(request.headers.get("X-API-Key"))
            refuse_large_body()
            return validated(*args, **values)

        return checked

    return decorate
