"""Blueprints of the API: all have the same prefix and document the same errors."""

from __future__ import annotations

from typing import Any

from flask_openapi3 import APIBlueprint, Tag

from web.app.fields import ProblemAnswer

PREFIX = "/api/v1"

# of calls that write (see `guarded` in security.py)
NEEDS_KEY: list[dict[str, list[str]]] = [{"key": []}]
REFUSALS: dict[str | int, Any] = {403: ProblemAnswer, 413: ProblemAnswer, 429: ProblemAnswer}


def api_blueprint(subject: str, description: str) -> APIBlueprint:
    """A blueprint for the calls about one subject."""
    return APIBlueprint(
        f"api_{subject}",
        __name__,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=subject, description=description)],
        abp_responses={404: ProblemAnswer, 422: ProblemAnswer, 503: ProblemAnswer},
    )
