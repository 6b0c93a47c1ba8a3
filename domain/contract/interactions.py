"""What people do on the site, their interactions, and what it makes of the ratings that the data have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple


class Interaction(NamedTuple):
    """What a user did with a movie: `rated_at` without a rating is when they took theirs back."""

    movie_id: int
    rating: float | None
    rated_at: datetime | None
    hidden_at: datetime | None


def merged(base: Mapping[int, tuple[float, datetime]], interactions: Iterable[Interaction]) -> dict[int, float]:
    """A user's ratings by movie: the newest of `base` (stars, when) and interactions, of two at one time the latter."""
    ratings = {movie_id: stars for movie_id, (stars, _) in base.items()}
    for done in interactions:
        earlier = base.get(done.movie_id)
        if done.rated_at is None or (earlier and earlier[1] > done.rated_at):
            continue
        ratings.pop(done.movie_id, None)
        if done.rating is not None:
            ratings[done.movie_id] = done.rating
    return ratings


def hidden(interactions: Iterable[Interaction]) -> set[int]:
    """Movies that the user is not interested in."""
    return {done.movie_id for done in interactions if done.hidden_at is not None}
