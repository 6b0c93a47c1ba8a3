"""Everything that can go wrong, answered as JSON to programs and as a page to people.

An API error is `{"error": {"code", "message"}}`; a page error is a page with the same sentence.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import HTTPException

from web.app.fields import Problem, ProblemAnswer

log = logging.getLogger(__name__)

JSON_PATHS = ("/api/", "/health/", "/openapi/openapi.json")
NOT_ASKED = ("/static/", "/health/", "/metrics", "/openapi/")  # whose parameters are of no account
# what Retry-After says: Cassandra may be back soon, limits are counted by the minute
RETRY_AFTER = {HTTPStatus.SERVICE_UNAVAILABLE: "5", HTTPStatus.TOO_MANY_REQUESTS: "60"}


class WebError(Exception):
    """An outcome with an HTTP status, a code for programs and a sentence for people; raised as one of those below."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"


class Invalid(WebError):
    """A request whose parts do not fit together; wrong single fields are reported by pydantic."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"


class NotFound(WebError):
    """There is nothing with this id or name."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class Forbidden(WebError):
    """A call that writes without the right key."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class TooLarge(WebError):
    """A call whose body has more bytes than are taken."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"


class TooMany(WebError):
    """A caller asks more often than they may."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"


class Conflict(WebError):
    """A call that is impossible in the present state."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class Unavailable(WebError):
    """The answer may exist later: the caller is told to come back."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"


class CassandraAway(Unavailable):
    """Cassandra does not answer in time."""

    code = "cassandra_unavailable"


class SchemaMissing(Unavailable):
    """A table is missing or differs from cql/tables."""

    code = "schema_missing"


class NothingPublished(Unavailable):
    """No run is active yet."""

    code = "nothing_published"


def register(app: Flask) -> None:
    """Make `app` answer all errors in one form, and treat a repeated parameter as an error."""
    app.before_request(_one_value_each)
    app.register_error_handler(WebError, _web_error)
    app.register_error_handler(ValidationError, validation_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def _one_value_each() -> None:
    """Refuse repeated parameters: taking the first value would silently answer another question."""
    if request.routing_exception or request.path.startswith(NOT_ASKED):
        return
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Invalid(f"{name}: give one value, not {len(values)}")


def validation_error(error: ValidationError) -> Response:
    """422 that names each wrong field and says what is wrong with it."""
    return _answer(Invalid.status, Invalid.code, problems(error))


def problems(error: ValidationError) -> str:
    """The fields that are wrong, each with what is wrong with it."""
    return "; ".join(f"{_field(each['loc'])}: {_said(each)}" for each in error.errors(include_url=False))


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "request"


def _said(problem: ErrorDetails) -> str:
    if problem["type"] == "model_type":  # a body that is no JSON, or another kind of it
        return "the body must be a JSON object, with Content-Type: application/json"
    return problem["msg"].removeprefix("Value error, ")


def _web_error(error: WebError) -> Response:
    return _answer(error.status, error.code, str(error))


def _http_error(error: HTTPException) -> Response | HTTPException:
    """Routing errors, 405 with its Allow header among them; redirects pass as they are."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status < HTTPStatus.BAD_REQUEST:
        return error
    response = _answer(status, status.phrase.lower().replace(" ", "_"), error.description or status.phrase)
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _unexpected_error(error: Exception) -> Response:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here; it has been logged.")


def _answer(status: HTTPStatus, code: str, message: str) -> Response:
    if request.path.startswith(JSON_PATHS):
        response = jsonify(ProblemAnswer(error=Problem(code=code, message=message)).model_dump())
    else:
        response = make_response(render_template("errors/error.html", status=status, message=message))
    response.status_code = status
    if status in RETRY_AFTER:
        response.headers["Retry-After"] = RETRY_AFTER[status]
    return response
