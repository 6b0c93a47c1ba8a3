"""What belongs to the running app or to the request being answered."""

from __future__ import annotations

from flask import current_app, g

from web.app.config import Config
from web.app.errors import NothingPublished
from web.catalogue.store import CatalogueView
from web.movies.store import Store, View
from web.songs.store import SongsView


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


def catalogue() -> CatalogueView:
    """The reads of the catalogue of this request, all of one run."""
    if "catalogue" not in g:
        g.catalogue = store().catalogue()
    return g.catalogue


def songs() -> SongsView:
    """The reads of song plays of this request, all of one run."""
    if "songs" not in g:
        g.songs = store().songs()
    return g.songs


def songs_or_none() -> SongsView | None:
    """As `songs`, None before the first song plays are published."""
    try:
        return songs()
    except NothingPublished:
        return None


def view_or_none() -> View | None:
    """As `view`, None before the first run is published: for what is only shown beside something else."""
    try:
        return view()
    except NothingPublished:
        return None


def catalogue_or_none() -> CatalogueView | None:
    """As `catalogue`, None before the first catalogue is published."""
    try:
        return catalogue()
    except NothingPublished:
        return None
