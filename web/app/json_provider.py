"""JSON by orjson: several times faster than the standard library, and dates as ISO 8601 in UTC."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from flask.json.provider import JSONProvider

API = "/api/"
OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def register(app: Flask) -> None:
    """Let `app` make its JSON here, and spare those who have an answer of the API already the reading of it."""
    app.json = OrjsonProvider(app)
    app.after_request(_unchanged)


def _unchanged(response: Response) -> Response:
    """304 in place of an answer that the caller names by its ETag, which every answer of a GET has."""
    if request.method == "GET" and response.status_code == HTTPStatus.OK and request.path.startswith(API):
        response.headers["Cache-Control"] = "no-cache"  # ask again each time
        response.add_etag()
        if "If-None-Match" in request.headers:
            response.make_conditional(request)
    return response


def dumped(value: Any) -> bytes:
    """The value as JSON; NaN and infinity become null, as JSON has no such numbers."""
    return orjson.dumps(value, option=OPTIONS)


def json_response(data: bytes) -> Response:
    """A response with JSON that is made already."""
    return Response(data, mimetype="application/json")


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """`obj` as text; keyword arguments of the standard library's `dumps` have no meaning here."""
        return dumped(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value in `s`; raises ValueError when it is not JSON."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A response with the JSON of the arguments, encoded without an intermediate string."""
        return json_response(dumped(self._prepare_response_obj(args, kwargs)))
