"""/: search, what a visitor picks and the list made of it, popular movies, and the way to a user."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from domain.contract.insights import Insight
from web.app.errors import NothingPublished
from web.app.limits import SEARCHES, limited
from web.model.served import served_model
from web.movies.lists import PopularMovie, popular, resolve_genre
from web.movies.models import SearchQuery
from web.movies.page_first import before_the_first
from web.movies.search import FoundMovie, search
from web.movies.store import movies_view
from web.session.current import me
from web.users.narrowed import Asked
from web.users.picks import Picks, known_picks, list_of, picks
from web.users.recommend import Recommendations

MOVIES_SHOWN = 24
FOUND_SHOWN = 8  # while somebody types
USERS_SHOWN = 8

blueprint = Blueprint("home", __name__)
blueprint.register_error_handler(NothingPublished, before_the_first)


@blueprint.get("/")
@limited(SEARCHES, if_asked=True)
def home() -> str:
    """Search results; or what is picked, its list, and popular movies of all genres or of one."""
    query = SearchQuery.model_validate(request.args.to_dict())
    genre = resolve_genre(movies_view(), query.genre)
    searched = bool(query.q.strip()) or query.year is not None
    picked_movies, chosen = known_picks(movies_view()), picks()
    asked = Asked.of(movies_view(), request.args)
    recommended = _list_of(chosen, asked) if chosen.liked and not searched and me() is None else None
    movies: Sequence[FoundMovie | PopularMovie]
    if searched:
        movies = search(movies_view(), query.q, genre, query.year, MOVIES_SHOWN)
    else:
        listed = [item.movie.movie_id for item in recommended.items] if recommended else []
        movies = popular(movies_view(), genre, MOVIES_SHOWN, listed)
    return render_template(
        "home/home.html",
        query=query,
        genre=genre,
        searched=searched,
        movies=movies,
        most_shown=MOVIES_SHOWN,
        genres=movies_view().genres(),
        chosen=chosen,
        picked_movies=picked_movies,
        asked=asked,
        recommended=recommended,
        is_loaded=served_model() is not None,
        example_users=_example_users(),
    )


@blueprint.get("/found")
@limited(SEARCHES)
def found() -> str:
    """The part of the first page with the first movies that match what is typed so far; none for nothing."""
    query = SearchQuery.model_validate(request.args.to_dict())
    genre = resolve_genre(movies_view(), query.genre)
    movies = search(movies_view(), query.q, genre, query.year, FOUND_SHOWN) if query.q.strip() else []
    return render_template("home/found.html", query=query, movies=movies)


def _list_of(chosen: Picks, asked: Asked) -> Recommendations:
    return list_of(movies_view(), chosen, MOVIES_SHOWN, asked.narrowing)


def _example_users() -> list[tuple[int, int]]:
    columns = movies_view().insight(Insight.EXAMPLE_USERS)
    users = zip(columns.get("user_id", []), columns.get("rating_count", []), strict=False)
    return list(users)[:USERS_SHOWN]
