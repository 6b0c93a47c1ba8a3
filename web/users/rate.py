"""What is done with a movie for a user, by the API and by pages alike: rated, taken back, hidden, shown again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.contract.interactions import Interaction
from web.movies.store import movies_view
from web.runs.answers import Answer, note
from web.users.given import Places, on_scale, refuse_unknown
from web.users.history import History
from web.users.interactions import Given, Shown, interactions
from web.users.models import RatingBody


def rate(user_id: int, rating: RatingBody) -> Interaction:
    """Store a rating; returns what is stored then.

    Raises:
        NotFound: there is no such movie.
        Invalid: the rating is not on the scale.
    """
    view = movies_view()
    refuse_unknown(rating.movie_id, view.movies([rating.movie_id]))
    stars = on_scale(view, rating.rating)
    shown = Places(view, [user_id]).of(user_id, rating)
    given = Given(user_id, rating.movie_id, stars, rating.rated_at, shown)
    stored = interactions().rate(given, since=view.published_at)
    if stored.rated_at is not None:
        note_ratings([given], stored.rated_at)
    return stored


def take_back(user_id: int, movie_id: int) -> Interaction:
    """Take a rating back, also one of the data set; does nothing where there is none.

    Raises:
        NotFound: there is no such movie, nor was there one that the user rated.
    """
    if movie_id not in History(movies_view(), user_id).now:
        return _of_known(user_id, movie_id)
    stored = interactions().take_back(user_id, movie_id)
    if stored.rated_at is not None:
        note_ratings([Given(user_id, movie_id, None, shown=Shown(movies_view().run_id))], stored.rated_at)
    return stored


def hide(user_id: int, movie_id: int) -> Interaction:
    """Leave a movie out of all lists of the user.

    Raises:
        NotFound: there is no such movie.
    """
    refuse_unknown(movie_id, movies_view().movies([movie_id]))
    return interactions().hide(user_id, movie_id)


def unhide(user_id: int, movie_id: int) -> Interaction:
    """Show a movie to the user again; does nothing where it is not hidden.

    Raises:
        NotFound: there is no such movie, nor was there one that the user hid.
    """
    _of_known(user_id, movie_id)
    return interactions().unhide(user_id, movie_id)


def note_ratings(given: Iterable[Given], now: datetime) -> None:
    """Count ratings among the answers to the run that was shown; those without a time are of `now`."""
    note(
        Answer(each.shown.run_id, each.user_id, each.movie_id, each.rating, each.rated_at or now, *each.shown[1:])
        for each in given
        if each.shown.run_id
    )


def _of_known(user_id: int, movie_id: int) -> Interaction:
    """What the user did with the movie, which may be gone from the data set since, but not be unknown altogether."""
    stored = interactions().of_movie(user_id, movie_id)
    if stored == Interaction(movie_id):
        refuse_unknown(movie_id, movies_view().movies([movie_id]))
    return stored
