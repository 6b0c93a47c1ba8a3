"""/movies/{id}: one movie, its ratings, and similar ones."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.catalogue.models import TitleAnswer
from web.catalogue.store import catalogue_beside_movies
from web.catalogue.titles import title_detail
from web.movies.details import movie_detail
from web.movies.in_common import in_common
from web.movies.lists import similar
from web.movies.store import movies_view

SIMILAR_SHOWN = 12

blueprint = Blueprint("movies", __name__, url_prefix="/movies")


@blueprint.get("/<int(max=2147483647):movie_id>")
def movie(movie_id: int) -> str:
    """A movie's page; an unknown id is a 404 page."""
    view = movies_view()
    movie, like_it = movie_detail(view, movie_id), similar(view, movie_id, SIMILAR_SHOWN)
    why = in_common(view, view.movies([movie_id])[movie_id], [other for other, _ in like_it])
    return render_template(
        "movies/movie.html",
        movie=movie,
        title=_catalogue_title(movie_id),
        similar=[(other, score, because) for (other, score), because in zip(like_it, why, strict=True)],
    )


def _catalogue_title(movie_id: int) -> TitleAnswer | None:
    """The title of the catalogue that is this movie."""
    catalogue = catalogue_beside_movies()
    media_id = catalogue and catalogue.media_of_movie(movies_view().dataset_id, movie_id)
    return title_detail(catalogue, media_id, movies_view) if catalogue and media_id else None
