"""/insights: what is in the data, drawn by Plotly in the browser from small tables that Spark made."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from web.app.current import view
from web.reports.figures import draw

blueprint = Blueprint("insights", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.app_template_global()
def plotly_version() -> str:
    """Of the installed package: it is in the script's address."""
    return version("plotly")


@blueprint.get("/insights")
def insights() -> str:
    """All figures; one that was not computed is a sentence."""
    return render_template("insights/insights.html", figures=draw(view().insights()))


@blueprint.get("/insights/plotly-<plotly_version>.min.js")
def plotly_script(plotly_version: str) -> Response:
    """Plotly's script out of the installed package; the version in its address lets browsers keep it for ever."""
    response = Response(script(), mimetype="text/javascript")
    if "gzip" in request.accept_encodings:
        response.data = _compressed_script()
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    return response


def script() -> bytes:
    """Plotly's script."""
    package = find_spec("plotly")  # importing plotly would cost a second; its script is all that is needed
    assert package is not None and package.origin is not None
    return (Path(package.origin).parent / "package_data" / "plotly.min.js").read_bytes()


@cache
def _compressed_script() -> bytes:
    """1.4 MB in place of 4.8 MB, made once a process."""
    return gzip.compress(script())
