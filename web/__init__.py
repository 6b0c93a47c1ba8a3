"""The web app: pages for people, a JSON API for programs, health and figures for operators.

Run it with `gunicorn -c web/gunicorn.conf.py 'web:create_app()'`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask_openapi3 import Info, OpenAPI

import web.catalogue.api
import web.catalogue.api_votes
import web.catalogue.page_votes
import web.catalogue.pages
import web.movies.api
import web.movies.page_home
import web.movies.pages
import web.operate.api
import web.operate.page_overview
import web.reports.api
import web.reports.api_outliers
import web.reports.page_drift
import web.reports.page_files
import web.reports.page_insights
import web.reports.page_outliers
import web.reports.page_quality
import web.runs.api
import web.runs.page_rollback
import web.runs.pages
import web.session.pages
import web.songs.api
import web.songs.pages
import web.users.api
import web.users.api_ratings
import web.users.page_ratings
import web.users.page_save
import web.users.pages
import web.users.picks
from web.app import errors, generated, health, json_provider, kept, limits, metrics, security
from web.app.active import ActiveRuns
from web.app.config import Config
from web.app.database import Database
from web.app.fields import ProblemAnswer
from web.catalogue.store import FacetCache
from web.model.model_folder import model_folder
from web.model.served import ModelHolder
from web.movies.store import MovieCache
from web.movies.term_ids import TermIds
from web.runs.answers import Answers
from web.runs.figures import AnswersCollector
from web.session import current, forms, said
from web.shown import addresses, formats

DESCRIPTION = (
    "Recommendations, movies and runs. Errors are `{error: {code, message}}`. "
    "Calls that write need the header `X-API-Key`. Answers about invented data have `generated: true`."
)
API_DOCS = "{% include 'api/docs.html' %}"
PARTS = (
    *(metrics, errors, json_provider, kept, limits, security, health, formats, addresses, generated),
    *(current, forms, said, web.users.picks),
)
PAGES = (
    web.movies.page_home,
    web.users.pages,  # with page_save's
    web.users.page_ratings,
    web.movies.pages,
    web.catalogue.pages,  # with page_votes'
    web.songs.pages,
    web.operate.page_overview,
    web.reports.page_insights,
    web.reports.page_outliers,
    web.reports.page_quality,
    web.reports.page_drift,
    web.reports.page_files,
    web.runs.pages,
    web.session.pages,
    web.runs.page_rollback,
)
APIS = (  # in the order of the documentation
    web.users.api,
    web.users.api_ratings,
    web.movies.api,
    web.catalogue.api,
    web.catalogue.api_votes,
    web.songs.api,
    web.operate.api,
    web.reports.api,
    web.reports.api_outliers,
    web.runs.api,
)


def create_app(config: Mapping[str, str] | None = None, database: Database | None = None) -> OpenAPI:
    """The app, configured by the environment; `config` overrides environment variables by name.

    Nothing is connected here: that happens in the worker process, with its first request. `database` is used in place
    of one of the app's own.

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
    app.url_map.strict_slashes = False  # /catalogue/ is /catalogue
    # both of the documentation's pages are ours: the packaged ones have inline scripts, which our headers forbid
    app.config.update(SWAGGER_HTML_STRING=API_DOCS, OPENAPI_HTML_STRING=API_DOCS)
    _share(app, chosen, database or Database(chosen.contact))
    for part in PARTS:
        part.register(app)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    for api in APIS:
        app.register_api(api.blueprint)
    return app


def _share(app: OpenAPI, config: Config, database: Database) -> None:
    """Store what all requests of the app share; config(), database() and the like hand it out."""
    app.extensions["recommender.config"] = config
    app.extensions["recommender.database"] = database
    app.extensions["recommender.active"] = runs = ActiveRuns(database)
    app.extensions["recommender.movies"] = MovieCache()
    app.extensions["recommender.term_ids"] = TermIds()
    app.extensions["recommender.model"] = ModelHolder(database, runs, lambda: model_folder(config.contact))
    app.extensions["recommender.facets"] = FacetCache()
    app.extensions["recommender.answers"] = Answers(database)
    app.extensions["recommender.collectors"] = [AnswersCollector()]
