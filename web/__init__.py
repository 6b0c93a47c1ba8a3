"""The web app: pages for people, a JSON API for programs, health and figures for operators.

Run it with `gunicorn -c web/gunicorn.conf.py 'web:create_app()'`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask_openapi3 import Info, OpenAPI

from web import api, pages
from web.app import errors, health, metrics, security
from web.app.config import Config
from web.app.fields import ProblemAnswer
from web.app.json_provider import OrjsonProvider
from web.movies.store import Store

DESCRIPTION = (
    "Recommendations, movies and runs. Errors are `{error: {code, message}}`. "
    "Calls that write need the header `X-API-Key`."
)


def create_app(config: Mapping[str, str] | None = None) -> OpenAPI:
    """The app, configured by the environment; `config` overrides environment variables by name.

    Nothing is connected here: that happens in the worker process, with its first request.

    Raises:
        ValueError: a variable holds something that is not allowed.
    """
    chosen = Config.from_env({**os.environ, **(config or {})})
    app = OpenAPI(
        __name__,
        info=Info(title="Movie recommender", version="1", description=DESCRIPTION),
        security_schemes={"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        validation_error_callback=errors.validation_error,
        validation_error_model=ProblemAnswer,
    )
    app.json = OrjsonProvider(app)
    app.url_map.strict_slashes = False  # /catalogue/ is /catalogue
    # both of the documentation's pages are ours: the packaged ones have inline scripts, which our headers forbid
    app.config.update(SWAGGER_HTML_STRING=pages.API_DOCS, OPENAPI_HTML_STRING=pages.API_DOCS)
    app.extensions["recommender.config"] = chosen
    app.extensions["recommender.store"] = Store(chosen.contact)
    for part in (metrics, errors, security, health, pages, api):
        part.register(app)
    return app
