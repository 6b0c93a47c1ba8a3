"""Titles of the catalogue for one user: similar to what they like, unlike what they dislike, helped by the model.

A title's match is the sum of its similarities to the liked titles minus those to the others, plus, where it is linked
to MovieLens, `ALS_WEIGHT` times its place in the user's own list: 1 for the first, falling to 0 at the end.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from domain.serving.display_titles import display_title
from web.catalogue.models import ForYouTitle
from web.catalogue.store import CatalogueView, Title
from web.catalogue.titles import title_info
from web.movies.store import MoviesView

VOTES = 40  # the newest ones count
ALS_WEIGHT = 0.3  # about the similarity of two titles that have genre and score in common
ALS_LIST = 100
REASONS = 2


def for_you(catalogue: CatalogueView, movies: MoviesView | None, user_id: int, limit: int) -> list[ForYouTitle]:
    """At most `limit` titles, best match first, none of which the user voted on; none for a user without a like."""
    votes = catalogue.feedback(user_id)
    counted = {row.media_id: row.vote for row in votes[:VOTES]}
    if 1 not in counted.values():
        return []
    match: dict[str, float] = defaultdict(float)
    reasons: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row in catalogue.similars(counted):
        for other, similarity in zip(row.media_ids, row.similarities, strict=True):
            match[other] += counted[row.media_id] * similarity
            if counted[row.media_id] > 0:
                reasons[other].append((-similarity, row.media_id))
    listed = _als(catalogue, movies, user_id) if movies and catalogue.is_of(movies) else {}
    for media_id, place in listed.items():
        match[media_id] += ALS_WEIGHT * place
    own = {row.media_id for row in votes}
    best = sorted(
        (each for each in match if each not in own and match[each] > 0), key=lambda each: (-match[each], each)
    )
    media = catalogue.media([*best[:limit], *counted])
    return [
        ForYouTitle(
            **title_info(Title.of_media(media[each])).model_dump(),
            match=match[each],
            because=[
                *(_like(media[liked]) for _, liked in sorted(reasons[each])[:REASONS] if liked in media),
                *(["liked by people with similar ratings"] if each in listed else []),
            ],
        )
        for each in best[:limit]
        if each in media
    ]


def _like(row: Any) -> str:
    return f"like {display_title(row.title)}"


def _als(catalogue: CatalogueView, movies: MoviesView, user_id: int) -> dict[str, float]:
    """The titles that are in the user's own list of movies: 1 for the first, falling to 0."""
    row = movies.recommendations(user_id)
    if row is None:
        return {}
    ids = list(row.movie_ids)[:ALS_LIST]
    linked = catalogue.medias_of_movies(movies.dataset_id, ids)
    return {linked[movie]: 1 - place / len(ids) for place, movie in enumerate(ids) if movie in linked}
