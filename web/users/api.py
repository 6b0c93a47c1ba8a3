"""GET /users/{id}/recommendations, /ratings and /profile."""

from __future__ import annotations

from typing import Any

from web.app.blueprints import api_blueprint
from web.app.errors import Invalid
from web.app.fields import UserPath
from web.app.security import SEARCH_LIMIT, limiter
from web.movies.store import movies_view
from web.users.given import on_scale
from web.users.history import History
from web.users.models import (
    HiddenMovie,
    ProfileAnswer,
    RatedMovie,
    RatingsAnswer,
    RatingsQuery,
    ReasonMovie,
    RecommendationsAnswer,
    RecommendationsQuery,
    RecommendedMovie,
    VisitorAnswer,
    VisitorBody,
)
from web.users.narrowed import ALL
from web.users.profile import user_profile
from web.users.recommend import Recommendation, Recommendations, for_visitor, measured, recommend

blueprint = api_blueprint("users", "Recommendations, ratings and taste of a user")


@blueprint.get("/users/<user_id>/recommendations", responses={200: RecommendationsAnswer})
def get_recommendations(path: UserPath, query: RecommendationsQuery) -> dict[str, Any]:
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
    chosen = _chosen(path.user_id, query)
    return RecommendationsAnswer(
        user_id=path.user_id, run_id=movies_view().run_id, source=chosen.source, items=listed(chosen)
    ).model_dump()


@blueprint.post("/recommendations", responses={200: VisitorAnswer})
@limiter.limit(SEARCH_LIMIT)
def post_recommendations(body: VisitorBody) -> dict[str, Any]:
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
    return VisitorAnswer(run_id=view.run_id, source=chosen.source, unknown=unknown, items=listed(chosen)).model_dump()


def _chosen(user_id: int, query: RecommendationsQuery) -> Recommendations:
    if not query.holdout:
        narrowing = query.narrowing(movies_view())
        return recommend(movies_view(), History(movies_view(), user_id), query.limit, narrowing)
    if query.genre or query.narrowing(movies_view()) != ALL:
        raise Invalid("genre: a list that was measured is given as it is, so leave out what narrows it, or holdout")
    return measured(movies_view(), user_id, query.limit)


def listed(chosen: Recommendations) -> list[RecommendedMovie]:
    """The items of an answer."""
    return [_recommended(item) for item in chosen.items]


def _recommended(item: Recommendation) -> RecommendedMovie:
    reasons = [
        ReasonMovie(movie_id=each.movie.movie_id, title=each.movie.title, share=each.share) for each in item.because
    ]
    return RecommendedMovie(
        **vars(item.movie), score=item.score, predicted_rating=item.predicted_rating, because=reasons
    )


@blueprint.get("/users/<user_id>/ratings", responses={200: RatingsAnswer})
def get_ratings(path: UserPath, query: RatingsQuery) -> dict[str, Any]:
    """A user's ratings as they are now, latest first: those of the data set and those given since."""
    history = History(movies_view(), path.user_id)
    profile = user_profile(movies_view(), path.user_id, history)
    ratings = history.latest(query.limit)
    movies = movies_view().movies([*(rating.movie_id for rating in ratings), *history.hidden])
    items = [
        RatedMovie(**vars(movies[rating.movie_id]), rating=rating.rating, rated_at=rating.rated_at)
        for rating in ratings
        if rating.movie_id in movies
    ]
    hidden = [HiddenMovie(**vars(movies[each]), hidden_at=at) for each, at in history.hidden.items() if each in movies]
    return RatingsAnswer(
        user_id=path.user_id, rating_count=profile.rating_count, items=items, hidden=hidden
    ).model_dump()


@blueprint.get("/users/<user_id>/profile", responses={200: ProfileAnswer})
def get_profile(path: UserPath) -> dict[str, Any]:
    """How much, how highly and in which genres a user rates, and whether the profile is unusual or looks fake."""
    return user_profile(movies_view(), path.user_id, History(movies_view(), path.user_id)).model_dump()
