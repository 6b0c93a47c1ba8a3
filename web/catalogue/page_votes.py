"""POST /catalogue/votes: likes and dislikes of titles, and what the buttons ask of who votes."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import g, url_for
from pydantic import BeforeValidator
from werkzeug import Response

from domain.serving.display_titles import display_title
from web.app.errors import NotFound
from web.catalogue.models import TitlePath
from web.catalogue.pages import blueprint
from web.catalogue.store import catalogue_view
from web.session.current import me
from web.session.forms import current_user, form_of, to_page_before, writes
from web.session.said import Undo, quoted, say

WORDS = {1: "You like {}.", -1: "You do not like {}.", 0: "{} has no vote of yours any more."}


class VoteForm(TitlePath):
    vote: Annotated[Literal[1, 0, -1], BeforeValidator(int)]
    undo: bool = False


@blueprint.app_template_global()
def my_vote(media_id: str) -> int:
    """The vote of the current user on a title: 1 likes it, -1 does not, 0 is none; all are read once a request."""
    if "my_votes" not in g:
        user_id = me()
        votes = [] if user_id is None else catalogue_view().feedback(user_id)
        g.my_votes = {row.media_id: row.vote for row in votes}
    return int(g.my_votes.get(media_id, 0))


@blueprint.post("/votes")
@writes
def vote() -> Response:
    """Vote on a title as the current user, or take the vote back."""
    user_id, form = current_user(), form_of(VoteForm)
    found = catalogue_view().media([form.media_id])
    if form.vote and not found:
        raise NotFound(f"There is no title «{form.media_id}» in the catalogue.")
    before = my_vote(form.media_id)
    if form.vote:
        catalogue_view().put_feedback(user_id, form.media_id, form.vote)
    else:
        catalogue_view().delete_feedback(user_id, form.media_id)
    fields = {"media_id": form.media_id, "vote": before, "undo": 1}
    undo = Undo(url_for("catalogue.vote"), fields) if before != form.vote and not form.undo else None
    title = display_title(found[form.media_id].title) if found else form.media_id
    say(WORDS[form.vote].format(quoted(title)), undo)
    return to_page_before()
