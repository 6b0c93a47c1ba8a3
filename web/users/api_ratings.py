"""POST /users/{id}/ratings, DELETE …/ratings/{movie_id}; PUT and DELETE …/hidden/{movie_id}; POST /ratings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.contract.interactions import Interaction
from web.app.blueprints import NEEDS_KEY, REFUSALS, api_blueprint
from web.app.fields import ProblemAnswer
from web.app.limits import BULK, FEEDBACK
from web.app.security import guarded
from web.movies.store import movies_view
from web.users.given import checked, newest, once
from web.users.interactions import interactions
from web.users.models import (
    AcceptedAnswer,
    IdempotencyHeader,
    RatingAnswer,
    RatingBody,
    RatingsBody,
    UserMoviePath,
    WritingPath,
)
from web.users.rate import hide, note_ratings, rate, take_back, unhide

blueprint = api_blueprint("ratings", "Ratings that come in, and movies that a user is not interested in")


def _answer(user_id: int, stored: Interaction) -> dict[str, Any]:
    return RatingAnswer(user_id=user_id, **stored._asdict()).model_dump()


@blueprint.post("/users/<user_id>/ratings", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK)
def post_rating(path: WritingPath, body: RatingBody) -> dict[str, Any]:
    """Rate a movie, also for a user who is not in the data. Needs the header X-API-Key.

    The newest rating of a movie counts: an older one changes nothing, and the same once more is no other. Answers what
    is stored then.
    """
    return _answer(path.user_id, rate(path.user_id, body))


@blueprint.delete("/users/<user_id>/ratings/<movie_id>", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK)
def delete_rating(path: UserMoviePath) -> dict[str, Any]:
    """Take a rating back, also one of the data set; does nothing where there is none. Needs the header X-API-Key."""
    return _answer(path.user_id, take_back(path.user_id, path.movie_id))


@blueprint.put("/users/<user_id>/hidden/<movie_id>", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK)
def put_hidden(path: UserMoviePath) -> dict[str, Any]:
    """Say that a user is not interested in a movie: it is in no list of theirs. Needs the header X-API-Key."""
    return _answer(path.user_id, hide(path.user_id, path.movie_id))


@blueprint.delete("/users/<user_id>/hidden/<movie_id>", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK)
def delete_hidden(path: UserMoviePath) -> dict[str, Any]:
    """Show a movie to the user again; does nothing where it is not hidden. Needs the header X-API-Key."""
    return _answer(path.user_id, unhide(path.user_id, path.movie_id))


@blueprint.post("/ratings", responses={200: AcceptedAnswer, 409: ProblemAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(BULK)
def post_ratings(header: IdempotencyHeader, body: RatingsBody) -> dict[str, Any]:
    """Store up to 1,000 ratings, each accepted or refused by itself. Needs the header X-API-Key.

    What is accepted is stored as by POST /users/{id}/ratings. A header Idempotency-Key makes it safe to send the same
    body again: for a day the same key gives the same answer and writes nothing; another body under it is a 409.
    """

    def store(now: datetime) -> dict[str, Any]:
        accepted, refused = checked(movies_view(), body.ratings)
        given = newest(movies_view(), accepted, now)
        interactions().rate_all(given, now)
        note_ratings(given, now)
        return AcceptedAnswer(accepted=len(accepted), refused=refused).model_dump()

    return once(header.idempotency_key, store)
