"""The JSON API under /api/v1, one module a subject; what goes in and out is in web/app/fields.py."""

from __future__ import annotations

from flask_openapi3 import OpenAPI

from web.api import catalogue, feedback, outliers, reports, runs, songs
from web.movies import api, api_users


def register(app: OpenAPI) -> None:
    """Serve the API and document it under /openapi."""
    for module in (api_users, api, catalogue, feedback, songs, reports, outliers, runs):
        app.register_api(module.blueprint)
