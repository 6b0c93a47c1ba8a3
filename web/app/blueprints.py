"""Blueprints of the API: all have the same prefix and document the same errors."""

from __future__ import annotations

from flask_openapi3 import APIBlueprint, Tag

from web.app.fields import ProblemAnswer

PREFIX = "/api/v1"


def api_blueprint(subject: str, description: str) -> APIBlueprint:
    """A blueprint for the calls about one subject."""
    return APIBlueprint(
        f"api_{subject}",
        __name__,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=subject, description=description)],
        abp_responses={404: ProblemAnswer, 422: ProblemAnswer, 503: ProblemAnswer},
    )
