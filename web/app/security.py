"""Headers that every answer carries, the key that writes need, and limits on how often one address may call."""

from __future__ import annotations

import hmac

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web.app.current import config
from web.app.errors import Forbidden

# Counted in the memory of each worker process and by the address of the caller: a brake on loops that run wild,
# not a quota. With w workers a caller may get up to w times as much.
SEARCH_LIMIT = "600 per minute"
WRITE_LIMIT = "20 per minute"
limiter = Limiter(get_remote_address, storage_uri="memory://")

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src {styles}; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Plotly and Swagger UI add <style> elements while they draw
DRAWN_BY_SCRIPT = ("/insights", "/outliers", "/quality", "/drift", "/songs", "/openapi/")


def register(app: Flask) -> None:
    """Add the headers to every answer of `app`, and enforce the limits of calls that have one."""
    limiter.init_app(app)
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
