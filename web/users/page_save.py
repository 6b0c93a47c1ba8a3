"""POST /users: a visitor's picks become the ratings of a new user."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from flask import redirect, url_for
from pydantic import BaseModel, BeforeValidator, Field
from werkzeug import Response

from web.app.errors import Conflict, Invalid
from web.app.fields import INT32
from web.movies.store import MoviesView, movies_view
from web.session.current import rate_as
from web.session.forms import form_of, writes
from web.session.said import say
from web.users.given import Places
from web.users.interactions import Given, interactions
from web.users.models import MOST_RATINGS
from web.users.pages import blueprint
from web.users.rate import note_ratings

FIRST_NUMBER = 1_000_000_000  # of users who were made here: far above those of data sets
DRAWS = 20


def _parts(text: str) -> list[str]:
    """The ids of `1,50,260`, each once, in their order."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


MovieIds = Annotated[
    list[Annotated[int, Field(ge=0, le=INT32)]], BeforeValidator(_parts), Field(max_length=MOST_RATINGS)
]


class PicksForm(BaseModel):
    picks: MovieIds
    without: MovieIds = []


@blueprint.post("")
@writes
def save() -> Response:
    """Make a new user who gave every pick the highest star and is not interested in the others; rate as them."""
    form, view = form_of(PicksForm), movies_view()
    known = view.movies([*form.picks, *form.without])
    picks = [each for each in form.picks if each in known]
    if not picks:
        raise Invalid("picks: pick at least one movie that you like first")
    user_id = _free_number(view)
    _store(view, user_id, picks)
    for movie_id in set(form.without) & known.keys() - set(picks):
        interactions().hide(user_id, movie_id)
    rate_as(user_id)
    what = "pick is" if len(picks) == 1 else f"{len(picks)} picks are"
    say(f"You are user {user_id} now: your {what} stored. Keep the number to come back to this list.")
    return redirect(url_for("users.user", user_id=user_id), HTTPStatus.SEE_OTHER)


def _store(view: MoviesView, user_id: int, picks: Iterable[int]) -> None:
    now, places, highest = datetime.now(UTC), Places(view, [user_id]), view.stars()[-1]
    given = [Given(user_id, each, highest, None, places.now(user_id, each)) for each in picks]
    interactions().rate_all(given, now)
    note_ratings(given, now)


def _free_number(view: MoviesView) -> int:
    """A number that nobody has, neither in the data nor at this site."""
    for _ in range(DRAWS):
        number = FIRST_NUMBER + 1 + secrets.randbelow(INT32 - FIRST_NUMBER)
        if view.user(number) is None and not interactions().of(number):
            return number
    raise Conflict("No free number was found for a new user. Try again.")
