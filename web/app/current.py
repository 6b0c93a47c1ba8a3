"""The configuration of the running app."""

from __future__ import annotations

from flask import current_app

from web.app.config import Config


def config() -> Config:
    """The app's configuration."""
    return current_app.extensions["recommender.config"]
