"""GET /users/{id}/recommendations, /ratings and /profile."""

from __future__ import annotations

from typing import Any

from web.app.blueprints import api_blueprint
from web.app.fields import UserPath
from web.movies.details import user_profile
from web.movies.models import (
    ListQuery,
    MovieRef,
    ProfileAnswer,
    RatedMovie,
    RatingsAnswer,
    RatingsQuery,
    RecommendationsAnswer,
    RecommendedMovie,
)
from web.movies.recommend import Recommendation, recommend, resolve_genre
from web.movies.store import movies_view

blueprint = api_blueprint("users", "Recommendations, ratings and taste of a user")


@blueprint.get("/users/<user_id>/recommendations", responses={200: RecommendationsAnswer})
def get_recommendations(path: UserPath, query: ListQuery) -> dict[str, Any]:
    """Movies for a user, best first, none of which the user rated.

    `source` is `als` for the model's own list, `popular` for a user who has none, whether known or not.
    """
    genre = resolve_genre(movies_view(), query.genre)
    chosen = recommend(movies_view(), path.user_id, query.limit, genre)
    items = [_recommended(item) for item in chosen.items]
    return RecommendationsAnswer(
        user_id=path.user_id, run_id=movies_view().run_id, source=chosen.source, items=items
    ).model_dump()


def _recommended(item: Recommendation) -> RecommendedMovie:
    reasons = [MovieRef(movie_id=item.because.movie_id, title=item.because.title)] if item.because else []
    return RecommendedMovie(
        **vars(item.movie), score=item.score, predicted_rating=item.predicted_rating, because=reasons
    )


@blueprint.get("/users/<user_id>/ratings", responses={200: RatingsAnswer})
def get_ratings(path: UserPath, query: RatingsQuery) -> dict[str, Any]:
    """A user's ratings, latest first."""
    profile = user_profile(movies_view(), path.user_id)
    ratings = movies_view().ratings(path.user_id, query.limit)
    movies = movies_view().movies(rating.movie_id for rating in ratings)
    items = [
        RatedMovie(**vars(movies[rating.movie_id]), rating=rating.rating, rated_at=rating.rated_at)
        for rating in ratings
        if rating.movie_id in movies
    ]
    return RatingsAnswer(user_id=path.user_id, rating_count=profile.rating_count, items=items).model_dump()


@blueprint.get("/users/<user_id>/profile", responses={200: ProfileAnswer})
def get_profile(path: UserPath) -> dict[str, Any]:
    """How much, how highly and in which genres a user rates, and whether the profile is unusual or looks fake."""
    return user_profile(movies_view(), path.user_id).model_dump()
