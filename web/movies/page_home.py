"""/: search, popular movies, and the way to a user."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from domain.contract.insights import Insight
from web.app.errors import NothingPublished
from web.app.security import SEARCH_LIMIT, limiter
from web.movies.lists import PopularMovie, popular, resolve_genre
from web.movies.models import SearchQuery
from web.movies.page_first import before_the_first
from web.movies.search import FoundMovie, search
from web.movies.store import movies_view

MOVIES_SHOWN = 24
USERS_SHOWN = 8

blueprint = Blueprint("home", __name__)
blueprint.register_error_handler(NothingPublished, before_the_first)


@blueprint.get("/")
@limiter.limit(SEARCH_LIMIT, exempt_when=lambda: not request.args)
def home() -> str:
    """Search results, or popular movies of all genres or of one."""
    query = SearchQuery.model_validate(request.args.to_dict())
    genre = resolve_genre(movies_view(), query.genre)
    searched = bool(query.q.strip()) or query.year is not None
    movies: Sequence[FoundMovie | PopularMovie]
    if searched:
        movies = search(movies_view(), query.q, genre, query.year, MOVIES_SHOWN)
    else:
        movies = popular(movies_view(), genre, MOVIES_SHOWN)
    return render_template(
        "home/home.html",
        query=query,
        genre=genre,
        searched=searched,
        movies=movies,
        most_shown=MOVIES_SHOWN,
        genres=movies_view().genres(),
        example_users=_example_users(),
    )


def _example_users() -> list[tuple[int, int]]:
    columns = movies_view().insight(Insight.EXAMPLE_USERS)
    users = zip(columns.get("user_id", []), columns.get("rating_count", []), strict=False)
    return list(users)[:USERS_SHOWN]
