"""What belongs to the running app or to the request being answered."""

from __future__ import annotations

from flask import current_app, g

from web.config import Config
from web.store import Store, View


def config() -> Config:
    """The app's configuration."""
    return current_app.extensions["recommender.config"]


def store() -> Store:
    """The app's store."""
    return current_app.extensions["recommender.store"]


def view() -> View:
    """The reads of this request: the same run and data set from its beginning to its end."""
    if "view" not in g:
        g.view = store().view()
    return g.view
