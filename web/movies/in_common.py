"""What a movie and those like it have in common, as far as it is stored: genres, tags and the decade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from web.app.database import database, select
from web.movies.models import InCommon
from web.movies.store import Movie, MoviesView

TAGS_COMPARED = 50  # of each movie, the most used
TAGS_NAMED = 3

TAGS = select("tags_by_movie", "dataset_id", "movie_id", columns=("tag",), limited=True)


def in_common(view: MoviesView, movie: Movie, others: Sequence[Movie]) -> list[InCommon]:
    """What the movie shares with each of the others, in their order."""
    keys = [(view.dataset_id, each.movie_id, TAGS_COMPARED) for each in (movie, *others)]
    own, *tags = [[row.tag for row in rows] for rows in database().each(TAGS, keys)]
    return [
        InCommon(
            genres=[genre for genre in movie.genres if genre in other.genres],
            decade=decade_of_both(movie, other),
            tags=_shared(own, of_other),
        )
        for other, of_other in zip(others, tags, strict=True)
    ]


def decade_of_both(one: Movie, other: Movie) -> int | None:
    """The first year of the decade of both movies; None where they are of two, or one has no year."""
    if one.year is None or other.year is None or one.year // 10 != other.year // 10:
        return None
    return one.year // 10 * 10


def _shared(tags: Iterable[str], others: Iterable[str]) -> list[str]:
    found = set(others)
    return [tag for tag in tags if tag in found][:TAGS_NAMED]
