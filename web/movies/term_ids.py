"""Which movies are of a genre or a year, as ids: what a list of all movies is narrowed by.

The ids of a genre or a year are read when a list first asks for them, and then kept by the process: movies of a data
set never change.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from flask import current_app
from numpy.typing import NDArray

from web.app.database import database, select
from web.movies.store import MoviesView

MOST_KEPT = 2000  # genres and years; all those of 84,000 movies are 200 and take a megabyte
AT_ONCE = 50  # what is read stays, so that a request that Cassandra is too busy for is of use to the next one

Ids = NDArray[np.int32]
Term = tuple[str, str]  # kind (genre or year) and term, as in movies_by_term

IDS = select("movies_by_term", "dataset_id", "kind", "term", columns=("movie_id",))


class TermIds:
    """The ids of movies by data set, kind and term that this process has read so far."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str, str], Ids] = {}


def ids_of_any(view: MoviesView, terms: Iterable[Term]) -> Ids:
    """The ids of the movies that have any of the terms, rising."""
    known = _known([(view.dataset_id, *term) for term in terms])
    return np.unique(np.concatenate([np.zeros(0, np.int32), *known]))


def _known(keys: list[tuple[str, str, str]]) -> list[Ids]:
    kept: TermIds = current_app.extensions["recommender.term_ids"]
    known = kept.known  # another thread may put an empty one in its place meanwhile
    missing = [key for key in keys if key not in known]
    for start in range(0, len(missing), AT_ONCE):
        some = missing[start : start + AT_ONCE]
        for key, rows in zip(some, database().each(IDS, some), strict=True):
            known[key] = np.array([row.movie_id for row in rows], np.int32)
    if len(known) > MOST_KEPT:
        kept.known = {}
    return [known[key] for key in keys]
