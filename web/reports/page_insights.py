"""/insights: what is in the data, drawn by Plotly in the browser from small tables that Spark made."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from web.movies.store import movies_view
from web.reports.figures import draw
from web.shown.plotly import compressed_script, installed_version, script
from web.shown.plots import numbers_file

FOR_EVER = "public, max-age=31536000, immutable"

blueprint = Blueprint("insights", __name__)
blueprint.add_app_template_global(installed_version, "plotly_version")


@blueprint.get("/insights")
def insights() -> str:
    """All figures; in place of one that was not computed stands a sentence."""
    return render_template("insights/insights.html", figures=draw(movies_view().insights()))


@blueprint.get("/insights/<name>.csv")
def numbers(name: str) -> Response:
    """The numbers of one figure."""
    return numbers_file(draw(movies_view().insights()), name)


@blueprint.get("/insights/plotly-<plotly_version>.min.js")
def plotly_script(plotly_version: str) -> Response:
    """Plotly's script out of the installed package; the version in its address lets browsers keep it for ever."""
    response = Response(script(), mimetype="text/javascript")
    if "gzip" in request.accept_encodings:
        response.data = compressed_script()
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    return response
