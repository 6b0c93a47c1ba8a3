"""Everything about one title of the catalogue, put together from several reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.contract.catalogue import ACTOR, DIRECTOR, NONE, TENTHS
from web.app.errors import NotFound
from web.catalogue.models import CreditInfo, LinkedMovie, SimilarTitle, TitleAnswer, TitleInfo
from web.catalogue.store import CatalogueView, Title
from web.movies.store import MoviesView

NEAR_SCORES = 0.5


def title_info(title: Title) -> TitleInfo:
    """The title as answers have it: what is not known is null."""
    score = None if title.score == NONE else title.score / TENTHS
    return TitleInfo(**{**vars(title), "score": score, "votes": None if title.votes == NONE else title.votes})


def title_detail(catalogue: CatalogueView, media_id: str, movies: Callable[[], MoviesView | None]) -> TitleAnswer:
    """What is known of a title; `movies` is asked only for a title that is linked.

    Raises:
        NotFound: there is no such title.
    """
    row = catalogue.media([media_id]).get(media_id)
    if row is None:
        raise NotFound(f"There is no title «{media_id}» in the catalogue.")
    credits: dict[str, list[CreditInfo]] = {role: [] for role in (ACTOR, DIRECTOR)}
    for credit in catalogue.credits(media_id):
        credits[credit.role].append(CreditInfo(**{name: getattr(credit, name) for name in CreditInfo.model_fields}))
    return TitleAnswer(
        **title_info(Title.of_media(row)).model_dump(),
        run_id=catalogue.run_id,
        runtime=row.runtime,
        seasons=row.seasons,
        description=row.description,
        imdb_url=f"https://www.imdb.com/title/{row.imdb_id}/" if row.imdb_id and not catalogue.generated else None,
        tmdb_popularity=row.tmdb_popularity and round(row.tmdb_popularity, 3),
        tmdb_score=row.tmdb_score and round(row.tmdb_score, 1),
        cast=credits[ACTOR],
        directors=credits[DIRECTOR],
        movie=linked_movie(catalogue, row, movies),
    )


def linked_movie(catalogue: CatalogueView, row: Any, movies: Callable[[], MoviesView | None]) -> LinkedMovie | None:
    """The MovieLens movie of a row of media_by_id, if readers see the data set that it is linked to."""
    view = movies() if row.movie_id is not None else None
    if view is None or view.dataset_id != row.linked_dataset or not catalogue.is_of(view):
        return None
    if (movie := view.movie(row.movie_id)) is None:
        return None
    figures = view.statistics(row.movie_id)
    return LinkedMovie(
        movie_id=movie.movie_id,
        title=movie.title,
        rating_count=sum((figures and figures.histogram) or ()),
        mean_rating=figures and figures.mean_rating,
    )


def similar_titles(catalogue: CatalogueView, media_id: str, limit: int) -> list[SimilarTitle]:
    """At most `limit` titles most like this one, each with the reasons.

    Raises:
        NotFound: there is no such title.
    """
    row = catalogue.similar(media_id)
    entries = list(zip(row.media_ids, row.similarities, row.person_ids, row.words, strict=True))[:limit] if row else []
    media = catalogue.media([media_id, *(entry[0] for entry in entries)])
    if media_id not in media:
        raise NotFound(f"There is no title «{media_id}» in the catalogue.")
    people = catalogue.people(entry[2] for entry in entries if entry[2])
    return [
        SimilarTitle(
            **title_info(Title.of_media(media[other])).model_dump(),
            similarity=similarity,
            because=reasons(media[media_id], media[other], people.get(person), words),
        )
        for other, similarity, person, words in entries
        if other in media
    ]


def reasons(row: Any, other: Any, person: Any | None, words: str) -> list[str]:
    """What two rows of media_by_id have in common, in words: a person, genres, words of the descriptions, score."""
    found = [f"with {person.name}"] if person else []
    if genres := [genre for genre in row.genres or () if genre in (other.genres or ())]:
        found.append("both " + ", ".join(genres))
    if words:
        found.append("descriptions: " + ", ".join(words.split()))
    if row.score is not None and other.score is not None and abs(row.score - other.score) <= NEAR_SCORES + 1e-6:
        found.append("similar score")
    return found
