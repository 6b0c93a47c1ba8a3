"""The pages, one module a subject with a folder of the same name in web/templates."""

from __future__ import annotations

from flask import Flask

from web.app import formats
from web.catalogue import pages as catalogue
from web.movies import page_home, page_users, pages
from web.reports import page_drift, page_files, page_insights, page_outliers, page_quality
from web.runs import pages as runs
from web.songs import pages as songs

API_DOCS = "{% include 'api/docs.html' %}"


def register(app: Flask) -> None:
    """Serve the pages."""
    formats.register(app)
    for module in (
        page_home,
        page_users,
        pages,
        catalogue,
        songs,
        page_insights,
        page_outliers,
        page_quality,
        page_drift,
        page_files,
        runs,
    ):
        app.register_blueprint(module.blueprint)
