"""What users did at the site since the data set was made, and the ratings that follow from both.

Rows of interactions_by_user, read by the site for every list and by preprocess_movielens for the next data set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

Stars = tuple[float, datetime]  # a rating and its time


class Interaction(NamedTuple):
    """What one user did with one movie; times are in UTC.

    A `rated_at` without a rating says that the rating was taken back then, also one that only the data set has.
    """

    movie_id: int
    rating: float | None = None
    rated_at: datetime | None = None
    hidden_at: datetime | None = None


def merged_stars(base: Mapping[int, Stars], interactions: Iterable[Interaction]) -> dict[int, Stars]:
    """One user's ratings with their times by movie: those of the data set, `base`, and what was done since.

    The newest wins, of one moment what was done at the site; what was taken back is gone.
    """
    found = dict(base)
    for each in interactions:
        if each.rated_at is None or (each.movie_id in base and each.rated_at < base[each.movie_id][1]):
            continue
        if each.rating is None:
            found.pop(each.movie_id, None)
        else:
            found[each.movie_id] = each.rating, each.rated_at
    return found


def merged(base: Mapping[int, Stars], interactions: Iterable[Interaction]) -> dict[int, float]:
    """One user's ratings by movie, as `merged_stars` merges them."""
    return {movie_id: rating for movie_id, (rating, _) in merged_stars(base, interactions).items()}


def hidden(interactions: Iterable[Interaction]) -> set[int]:
    """The movies that the user is not interested in."""
    return {each.movie_id for each in interactions if each.hidden_at is not None}
