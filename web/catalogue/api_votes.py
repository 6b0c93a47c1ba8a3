"""GET /users/{id}/feedback and /users/{id}/for-you; PUT and DELETE /users/{id}/feedback/{media_id}."""

from __future__ import annotations

from typing import Any

from domain.serving.display_titles import display_title
from web.app.blueprints import NEEDS_KEY, REFUSALS, api_blueprint
from web.app.errors import NotFound
from web.app.fields import LimitQuery, UserPath
from web.app.limits import FEEDBACK
from web.app.security import guarded
from web.catalogue.for_you import for_you
from web.catalogue.models import FeedbackAnswer, FeedbackInfo, FeedbackPath, FeedbackQuery, ForYouAnswer, Vote
from web.catalogue.store import catalogue_view
from web.movies.store import movies_view_or_none

NEWEST = 20  # votes in the answer to a vote: each takes the read of a title

blueprint = api_blueprint("feedback", "Likes and dislikes of catalogue titles")


@blueprint.get("/users/<user_id>/feedback", responses={200: FeedbackAnswer})
def get_feedback(path: UserPath, query: FeedbackQuery) -> dict[str, Any]:
    """Titles that a user likes or dislikes, latest vote first; empty for a user without votes."""
    return _answer(path.user_id, query.limit, query.offset)


def _answer(user_id: int, limit: int = NEWEST, offset: int = 0) -> dict[str, Any]:
    votes = catalogue_view().feedback(user_id)
    shown = votes[offset : offset + limit]
    media = catalogue_view().media(row.media_id for row in shown)
    items = [
        FeedbackInfo(
            media_id=row.media_id,
            title=media[row.media_id].title if row.media_id in media else None,
            display_title=display_title(media[row.media_id].title) if row.media_id in media else None,
            vote=row.vote,
            voted_at=row.voted_at,
        )
        for row in shown
    ]
    return FeedbackAnswer(user_id=user_id, total=len(votes), items=items).model_dump()


@blueprint.put(
    "/users/<user_id>/feedback/<media_id>",
    responses={200: FeedbackAnswer, **REFUSALS},
    security=NEEDS_KEY,
)
@guarded(FEEDBACK)
def put_feedback(path: FeedbackPath, body: Vote) -> dict[str, Any]:
    """Like or dislike a title; a second vote replaces the first. Needs the header X-API-Key."""
    if not catalogue_view().media([path.media_id]):
        raise NotFound(f"There is no title «{path.media_id}» in the catalogue.")
    catalogue_view().put_feedback(path.user_id, path.media_id, body.vote)
    return _answer(path.user_id)


@blueprint.delete(
    "/users/<user_id>/feedback/<media_id>",
    responses={200: FeedbackAnswer, **REFUSALS},
    security=NEEDS_KEY,
)
@guarded(FEEDBACK)
def delete_feedback(path: FeedbackPath) -> dict[str, Any]:
    """Take a vote back; does nothing where there is none. Needs the header X-API-Key."""
    catalogue_view().delete_feedback(path.user_id, path.media_id)
    return _answer(path.user_id)


@blueprint.get("/users/<user_id>/for-you", responses={200: ForYouAnswer})
def get_for_you(path: UserPath, query: LimitQuery) -> dict[str, Any]:
    """Titles similar to those that the user likes, blended with the model's list of movies; empty without a like."""
    items = for_you(catalogue_view(), movies_view_or_none(), path.user_id, query.limit)
    return ForYouAnswer(user_id=path.user_id, run_id=catalogue_view().run_id, items=items).model_dump()
