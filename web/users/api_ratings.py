"""POST /users/{id}/ratings, DELETE …/ratings/{movie_id}; PUT and DELETE …/hidden/{movie_id}; POST /ratings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.contract.interactions import Interaction
from web.app.blueprints import NEEDS_KEY, REFUSALS, api_blueprint
from web.app.fields import ProblemAnswer
from web.app.security import BULK_LIMIT, FEEDBACK_LIMIT, guarded
from web.movies.store import movies_view
from web.runs.answers import Answer, note
from web.users.given import Places, checked, newest, on_scale, once, refuse_unknown
from web.users.history import History
from web.users.interactions import Given, Shown, interactions
from web.users.models import (
    AcceptedAnswer,
    IdempotencyHeader,
    RatingAnswer,
    RatingBody,
    RatingsBody,
    UserMoviePath,
    WritingPath,
)

blueprint = api_blueprint("ratings", "Ratings that come in, and movies that a user is not interested in")


def _note(given: Iterable[Given], now: datetime) -> None:
    """Count ratings among the answers to the run that was shown; those without a time are of `now`."""
    note(
        Answer(each.shown.run_id, each.user_id, each.movie_id, each.rating, each.rated_at or now, *each.shown[1:])
        for each in given
        if each.shown.run_id
    )


def _answer(user_id: int, stored: Interaction) -> dict[str, Any]:
    return RatingAnswer(user_id=user_id, **stored._asdict()).model_dump()


@blueprint.post("/users/<user_id>/ratings", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK_LIMIT)
def post_rating(path: WritingPath, body: RatingBody) -> dict[str, Any]:
    """Rate a movie, also for a user who is not in the data. Needs the header X-API-Key.

    The newest rating of a movie counts: an older one changes nothing, and the same once more is no other. Answers what
    is stored then.
    """
    view = movies_view()
    refuse_unknown(body.movie_id, view.movies([body.movie_id]))
    stars = on_scale(view, body.rating)
    shown = Places(view, [path.user_id]).of(path.user_id, body)
    given = Given(path.user_id, body.movie_id, stars, body.rated_at, shown)
    stored = interactions().rate(given, since=view.published_at)
    if stored.rated_at is not None:
        _note([given], stored.rated_at)
    return _answer(path.user_id, stored)


@blueprint.delete("/users/<user_id>/ratings/<movie_id>", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK_LIMIT)
def delete_rating(path: UserMoviePath) -> dict[str, Any]:
    """Take a rating back, also one of the data set; does nothing where there is none. Needs the header X-API-Key."""
    view = movies_view()
    if path.movie_id not in History(view, path.user_id).now:
        return _answer(path.user_id, _of_known(path))
    stored = interactions().take_back(path.user_id, path.movie_id)
    if stored.rated_at is not None:
        _note([Given(path.user_id, path.movie_id, None, shown=Shown(view.run_id))], stored.rated_at)
    return _answer(path.user_id, stored)


@blueprint.put("/users/<user_id>/hidden/<movie_id>", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK_LIMIT)
def put_hidden(path: UserMoviePath) -> dict[str, Any]:
    """Say that a user is not interested in a movie: it is in no list of theirs. Needs the header X-API-Key."""
    refuse_unknown(path.movie_id, movies_view().movies([path.movie_id]))
    return _answer(path.user_id, interactions().hide(path.user_id, path.movie_id))


@blueprint.delete("/users/<user_id>/hidden/<movie_id>", responses={200: RatingAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(FEEDBACK_LIMIT)
def delete_hidden(path: UserMoviePath) -> dict[str, Any]:
    """Show a movie to the user again; does nothing where it is not hidden. Needs the header X-API-Key."""
    _of_known(path)
    return _answer(path.user_id, interactions().unhide(path.user_id, path.movie_id))


def _of_known(path: UserMoviePath) -> Interaction:
    """What the user did with the movie, which may be gone from the data set since, but not be unknown altogether."""
    stored = interactions().of_movie(path.user_id, path.movie_id)
    if stored == Interaction(path.movie_id):
        refuse_unknown(path.movie_id, movies_view().movies([path.movie_id]))
    return stored


@blueprint.post("/ratings", responses={200: AcceptedAnswer, 409: ProblemAnswer, **REFUSALS}, security=NEEDS_KEY)
@guarded(BULK_LIMIT)
def post_ratings(header: IdempotencyHeader, body: RatingsBody) -> dict[str, Any]:
    """Store up to 1,000 ratings, each accepted or refused by itself. Needs the header X-API-Key.

    What is accepted is stored as by POST /users/{id}/ratings. A header Idempotency-Key makes it safe to send the same
    body again: for a day the same key gives the same answer and writes nothing; another body under it is a 409.
    """

    def store(now: datetime) -> dict[str, Any]:
        accepted, refused = checked(movies_view(), body.ratings)
        given = newest(movies_view(), accepted, now)
        interactions().rate_all(given, now)
        _note(given, now)
        return AcceptedAnswer(accepted=len(accepted), refused=refused).model_dump()

    return once(header.idempotency_key, store)
