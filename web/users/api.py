"""GET /users/{id}/recommendations, /ratings and /profile."""

from __future__ import annotations

from typing import Any

from flask import Response

from web.app.blueprints import api_blueprint
from web.app.errors import Invalid
from web.app.fields import UserPath
from web.app.generated import is_noted
from web.app.json_provider import dumped, json_response
from web.app.kept import kept_answers, marks
from web.app.limits import SEARCHES, limited
from web.movies.store import movies_view
from web.users.given import on_scale
from web.users.history import History
from web.users.models import (
    HiddenMovie,
    ProfileAnswer,
    RatedMovie,
    RatingsAnswer,
    RatingsQuery,
    RecommendationsAnswer,
    RecommendationsQuery,
    VisitorAnswer,
    VisitorBody,
)
from web.users.narrowed import ALL
from web.users.profile import user_profile
from web.users.recommend import Recommendations, for_visitor, measured, recommend

blueprint = api_blueprint("users", "Recommendations, ratings and taste of a user")


@blueprint.get("/users/<user_id>/recommendations", responses={200: RecommendationsAnswer})
def get_recommendations(path: UserPath, query: RecommendationsQuery) -> Response:
    """Movies for a user, best first, none of which the user rated.

    `source` is `als` for the list that was published for the user, `fold_in` when they have rated since: the published
    model then makes a list for their ratings as they are now. It is `popular` for a user who has none, whether known or
    not. What the user rated or hid is never listed.

    A list that is narrowed to a genre or to years is made by the published model from all movies that fit, so it is
    `fold_in`, too; while the model is not loaded it is what fits of the published list. `less_popular` puts the first
    100 movies in another order, by the formula that stands beside it, and leaves `source` and scores as they are.

    `holdout=true` is for those who measure: it gives the list that the model's figures are of, made without the part of
    the user's ratings that was held out, so that it may name movies of that part. It has at most ten movies, without
    scores, stars and reasons; for a user who was not measured the answer is 404.
    """
    view = movies_view()
    if query.holdout or query.narrowing(view) != ALL:
        return json_response(_answer(path.user_id, _chosen(path.user_id, query)))

    key, mark = (view.run_id, path.user_id, query.limit), marks().of(path.user_id)
    answer = kept_answers().get(key, mark)
    if answer is None:
        history = History(view, path.user_id)
        answer = _answer(path.user_id, recommend(view, history, query.limit))
        if not history.interactions:  # else the list depends on whether the model is loaded, too
            kept_answers().put(key, answer, mark)
    return json_response(answer)


@blueprint.post("/recommendations", responses={200: VisitorAnswer})
@limited(SEARCHES)
def post_recommendations(body: VisitorBody) -> Response:
    """Movies for a visitor who rated some, best first, none of them rated or excluded. Nothing is stored.

    Movies that the model does not know count for nothing; of such alone, and of no ratings, the list is of popular
    movies. `unknown` names those that no movie of the data has the number of.
    """
    view = movies_view()
    ratings = {each.movie_id: on_scale(view, each.rating) for each in body.ratings}
    chosen = for_visitor(view, ratings, body.limit, body.narrowing(view), set(body.exclude))
    asked = dict.fromkeys([*ratings, *body.exclude])
    movies = view.movies(asked)
    unknown = [movie_id for movie_id in asked if movie_id not in movies]
    return json_response(dumped({**_list(chosen), "unknown": unknown}))


def _chosen(user_id: int, query: RecommendationsQuery) -> Recommendations:
    if not query.holdout:
        narrowing = query.narrowing(movies_view())
        return recommend(movies_view(), History(movies_view(), user_id), query.limit, narrowing)
    if query.genre or query.narrowing(movies_view()) != ALL:
        raise Invalid("genre: a list that was measured is given as it is, so leave out what narrows it, or holdout")
    return measured(movies_view(), user_id, query.limit)


def _answer(user_id: int, chosen: Recommendations) -> bytes:
    """A RecommendationsAnswer, put together here: pydantic takes ten times as long for its eighty movies."""
    return dumped({**_list(chosen), "user_id": user_id})


def _list(chosen: Recommendations) -> dict[str, Any]:
    """What both kinds of answers have."""
    items = [
        {
            **item.movie.info,
            "score": item.score,
            "predicted_rating": item.predicted_rating,
            "because": [{**each.movie.ref, "share": each.share} for each in item.because],
        }
        for item in chosen.items
    ]
    return {"generated": is_noted(), "run_id": movies_view().run_id, "source": chosen.source, "items": items}


@blueprint.get("/users/<user_id>/ratings", responses={200: RatingsAnswer})
def get_ratings(path: UserPath, query: RatingsQuery) -> dict[str, Any]:
    """A user's ratings as they are now, latest first: those of the data set and those given since."""
    history = History(movies_view(), path.user_id)
    profile = user_profile(movies_view(), path.user_id, history)
    ratings = history.latest(query.limit)
    movies = movies_view().movies([*(rating.movie_id for rating in ratings), *history.hidden])
    items = [
        RatedMovie(**movies[rating.movie_id].info, rating=rating.rating, rated_at=rating.rated_at)
        for rating in ratings
        if rating.movie_id in movies
    ]
    hidden = [HiddenMovie(**movies[each].info, hidden_at=at) for each, at in history.hidden.items() if each in movies]
    return RatingsAnswer(
        user_id=path.user_id, rating_count=profile.rating_count, items=items, hidden=hidden
    ).model_dump()


@blueprint.get("/users/<user_id>/profile", responses={200: ProfileAnswer})
def get_profile(path: UserPath) -> dict[str, Any]:
    """How much, how highly and in which genres a user rates, and whether the profile is unusual or looks fake."""
    return user_profile(movies_view(), path.user_id, History(movies_view(), path.user_id)).model_dump()
