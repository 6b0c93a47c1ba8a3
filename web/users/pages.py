"""/users/{id}: recommendations, ratings and taste of a user."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from web.app.errors import NotFound, NothingPublished
from web.app.fields import UserPath
from web.catalogue.for_you import for_you
from web.catalogue.models import ForYouTitle
from web.catalogue.store import catalogue_beside_movies
from web.movies.lists import popular
from web.movies.store import movies_view, movies_view_or_none
from web.session.current import me
from web.users.history import History
from web.users.narrowed import Asked
from web.users.profile import user_profile
from web.users.recommend import recommend

RECOMMENDATIONS_SHOWN = 24
RATINGS_SHOWN = 30
GENRES_SHOWN = 10
FOR_YOU_SHOWN = 12

blueprint = Blueprint("users", __name__, url_prefix="/users")


@blueprint.get("")
def pick() -> Response:
    """Redirect from the number typed on the home page to the page of that user."""
    chosen = UserPath.model_validate(request.args.to_dict())
    return redirect(url_for("users.user", user_id=chosen.user_id))


@blueprint.get("/<int(max=2147483647):user_id>")
def user(user_id: int) -> str | tuple[str, int]:
    """A user's page; a shorter one for somebody who has only voted in the catalogue, a 404 page for an unknown user."""
    try:
        history = History(movies_view(), user_id)
        profile = user_profile(movies_view(), user_id, history, is_expected=user_id == me())
    except (NotFound, NothingPublished) as error:
        return _without_ratings(user_id, error)
    ratings, hidden = history.latest(RATINGS_SHOWN), list(history.hidden)
    asked = Asked.of(movies_view(), request.args)
    return render_template(
        "users/user.html",
        profile=profile,
        recommendations=recommend(movies_view(), history, RECOMMENDATIONS_SHOWN, asked.narrowing),
        asked=asked,
        genres=movies_view().genres(),
        ratings=ratings,
        hidden=hidden,
        movies=movies_view().movies([*(rating.movie_id for rating in ratings), *hidden]),
        taste=profile.genres[:GENRES_SHOWN],
        for_you=_for_you(user_id),
    )


def _without_ratings(user_id: int, error: NotFound | NothingPublished) -> tuple[str, int]:
    """The page of a user without ratings, with popular movies where any are published."""
    catalogue, published = catalogue_beside_movies(), isinstance(error, NotFound)
    voted = bool(catalogue and catalogue.feedback(user_id))
    if not (voted or published):
        raise error
    page = render_template(
        "users/unknown.html",
        user_id=user_id,
        voted=voted,
        published=published,
        movies=popular(movies_view(), None, RECOMMENDATIONS_SHOWN) if published else [],
        for_you=_for_you(user_id) if voted else None,
    )
    return page, 200 if voted else 404


def _for_you(user_id: int) -> list[ForYouTitle] | None:
    """Titles of the catalogue for a user who voted on some; None where there is no catalogue."""
    catalogue = catalogue_beside_movies()
    return for_you(catalogue, movies_view_or_none(), user_id, FOR_YOU_SHOWN) if catalogue else None
