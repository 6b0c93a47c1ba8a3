"""The pages, one module a subject with a folder of the same name in web/templates."""

from __future__ import annotations

from flask import Flask

from web.app import formats
from web.pages import catalogue, drift, files, home, insights, movies, outliers, quality, runs, songs, users

API_DOCS = "{% include 'api/docs.html' %}"


def register(app: Flask) -> None:
    """Serve the pages."""
    formats.register(app)
    for module in (home, users, movies, catalogue, songs, insights, outliers, quality, drift, files, runs):
        app.register_blueprint(module.blueprint)
