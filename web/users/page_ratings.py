"""POST /ratings and /hidden: the stars and the «Not interested» of movie cards; and what cards ask of who rates."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, g, url_for
from pydantic import BaseModel, Field
from werkzeug import Response

from web.app.fields import INT32
from web.movies.store import movies_view
from web.session.current import me
from web.session.forms import current_user, form_of, to_page_before, writes
from web.session.said import Undo, quoted, say
from web.shown.formats import stars
from web.users.history import History
from web.users.models import RatingBody
from web.users.rate import hide, rate, take_back, unhide

blueprint = Blueprint("ratings", __name__)


class Scale(NamedTuple):
    """The stars of a data set; `none` is the place below the lowest, which means that there is no rating."""

    lowest: float
    highest: float
    step: float

    @property
    def none(self) -> float:
        """One step below the lowest star."""
        return round(self.lowest - self.step, 6)


class RatingForm(BaseModel):
    movie_id: int = Field(ge=0, le=INT32)
    rating: float = Field(allow_inf_nan=False)
    undo: bool = False


class HiddenForm(BaseModel):
    movie_id: int = Field(ge=0, le=INT32)
    hidden: bool
    undo: bool = False


@blueprint.app_template_global()
def scale() -> Scale:
    """The stars that a rating may have now."""
    known = movies_view().stars()
    step = known[1] - known[0] if len(known) > 1 else 1.0
    return Scale(known[0], known[-1], round(step, 6))


def my_history() -> History | None:
    """What the user whom this browser rates as has done so far, read once a request; None where there is none."""
    if "my_history" not in g:
        user_id = me()
        g.my_history = None if user_id is None else History(movies_view(), user_id)
    found: History | None = g.my_history
    return found


@blueprint.app_template_global()
def my_rating(movie_id: int) -> float | None:
    """The stars that the current user has given to a movie."""
    history = my_history()
    return history.now[movie_id][0] if history and movie_id in history.now else None


@blueprint.app_template_global()
def is_hidden(movie_id: int) -> bool:
    """Whether the current user is not interested in a movie."""
    history = my_history()
    return history is not None and movie_id in history.hidden


@blueprint.app_template_global()
def is_first(part: str) -> bool:
    """Whether this part of the page, such as the stars of a movie, was not drawn before: its id is then free."""
    drawn: set[str] = g.setdefault("drawn_parts", set())
    is_new = part not in drawn
    drawn.add(part)
    return is_new


@blueprint.post("/ratings")
@writes
def post_rating() -> Response:
    """Rate a movie as the current user; a rating below the lowest star takes theirs back."""
    user_id, form = current_user(), form_of(RatingForm)
    before, none = my_rating(form.movie_id), scale().none
    is_taken_back = form.rating <= none
    if is_taken_back:
        take_back(user_id, form.movie_id)
    else:
        rate(user_id, RatingBody(movie_id=form.movie_id, rating=form.rating, rated_at=None))
    fields = {"movie_id": form.movie_id, "rating": none if before is None else before, "undo": 1}
    changed = (none if before is None else before) != form.rating
    undo = Undo(url_for("ratings.post_rating"), fields) if changed and not form.undo else None
    say(_rated(_title(form.movie_id), None if is_taken_back else form.rating, form.undo), undo)
    return to_page_before()


def _rated(title: str, rating: float | None, again: bool) -> str:
    if rating is None:
        return f"{title} has no rating of yours{'' if again else ' any more'}."
    return f"{title} has your ★ {stars(rating)} again." if again else f"You gave {title} ★ {stars(rating)}."


@blueprint.post("/hidden")
@writes
def post_hidden() -> Response:
    """Leave a movie out of the lists of the current user, or show it again."""
    user_id, form = current_user(), form_of(HiddenForm)
    was_hidden = is_hidden(form.movie_id)
    (hide if form.hidden else unhide)(user_id, form.movie_id)
    fields = {"movie_id": form.movie_id, "hidden": int(was_hidden), "undo": 1}
    undo = Undo(url_for("ratings.post_hidden"), fields) if was_hidden != form.hidden and not form.undo else None
    title = _title(form.movie_id)
    say(f"{title} is left out of your lists." if form.hidden else f"{title} may be in your lists again.", undo)
    return to_page_before()


def _title(movie_id: int) -> str:
    movie = movies_view().movie(movie_id)
    return quoted(movie.display_title if movie else f"movie {movie_id}")
