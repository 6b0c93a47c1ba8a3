"""/movies/{id}: one movie, how it is rated, and what is like it."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.current import view
from web.details import movie_detail
from web.recommend import similar

SIMILAR_SHOWN = 12

blueprint = Blueprint("movies", __name__, url_prefix="/movies")


@blueprint.get("/<int(max=2147483647):movie_id>")
def movie(movie_id: int) -> str:
    """A movie's page; an unknown id is a 404 page."""
    return render_template(
        "movies/movie.html",
        movie=movie_detail(view(), movie_id),
        similar=similar(view(), movie_id, SIMILAR_SHOWN),
    )
