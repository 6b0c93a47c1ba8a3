"""JSON by orjson: several times faster than the standard library, and dates as ISO 8601 in UTC."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson; NaN and infinity become null, as JSON has no such numbers."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """`obj` as text; keyword arguments of the standard library's `dumps` have no meaning here."""
        return orjson.dumps(obj, option=OPTIONS).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value in `s`; raises ValueError when it is not JSON."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A response with the JSON of the arguments, encoded without an intermediate string."""
        value = self._prepare_response_obj(args, kwargs)
        return Response(orjson.dumps(value, option=OPTIONS), mimetype="application/json")
