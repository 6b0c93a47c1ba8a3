"""The JSON API under /api/v1, one module a subject; what goes in and out is in web/app/fields.py."""

from __future__ import annotations

from flask_openapi3 import OpenAPI

from web.catalogue import api as catalogue
from web.catalogue import api_votes
from web.movies import api, api_users
from web.reports import api as reports
from web.reports import api_outliers
from web.runs import api as runs
from web.songs import api as songs


def register(app: OpenAPI) -> None:
    """Serve the API and document it under /openapi."""
    for module in (api_users, api, catalogue, api_votes, songs, reports, api_outliers, runs):
        app.register_api(module.blueprint)
