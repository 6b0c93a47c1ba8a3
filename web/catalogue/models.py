"""Queries and answers of the API of the catalogue."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from domain.contract.catalogue import ACTOR, DIRECTOR, HIGHEST_SCORE, MOST_NAME, MOST_VALUE, NEAR, TENTHS
from web.app.fields import INT32, Answer, Limit, Parameters, Titled, UserPath, Year, none_if_empty
from web.catalogue.finding import MOST_ROWS

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_NAME)]
Facet = Annotated[Annotated[str, Field(max_length=MOST_VALUE)] | None, BeforeValidator(none_if_empty)]
Score = Annotated[Annotated[float, Field(ge=0, le=HIGHEST_SCORE / TENTHS)] | None, BeforeValidator(none_if_empty)]
MOST_OFFSET = 1000  # of titles
MOST_VOTES = 500  # of a user in one answer
Order = Annotated[Literal["score", "votes", "year"] | None, BeforeValidator(none_if_empty)]


class TitlesQuery(Parameters):
    q: str = Field("", max_length=200, description="Words of the title or their first letters, in any order")
    actor: Name | None = Field(None, description="A name; case and accents do not matter")
    director: Name | None = None
    genre: Facet = None
    country: Facet = Field(None, description="A code such as US")
    type: Facet = Field(None, description="MOVIE or SHOW")
    certification: Facet = None
    year: Year = None
    score: Score = Field(None, description="Near this score (± 0.5), most votes first")
    score_min: Score = None
    score_max: Score = None
    sort: Order = Field(None, description="By default score; with `score` or `q`, votes")
    limit: Limit = 20
    offset: int = Field(0, ge=0, le=MOST_OFFSET)

    @model_validator(mode="after")
    def _one_kind_of_range(self) -> Self:
        if self.score is not None and not (self.score_min is None and self.score_max is None):
            raise ValueError("give either score, or score_min and score_max")
        low, high = self.score_min, self.score_max
        if low is not None and high is not None and round(low * TENTHS, 6) > round(high * TENTHS, 6):
            raise ValueError(f"score_min {low} is above score_max {high}")
        if self.q.strip() and (self.actor or self.director):
            raise ValueError("give either q, or actor and director")
        return self

    def facets(self) -> dict[str, str | None]:
        """The values asked for, by facet."""
        year = None if self.year is None else str(self.year)
        return {
            "genre": self.genre,
            "country": self.country,
            "type": self.type,
            "certification": self.certification,
            "year": year,
        }

    def scores(self) -> tuple[int, int] | None:
        """The range of scores in whole tenths; empty (low above high) where no tenth lies in it."""
        if self.score is not None:
            low, high = _tenths(self.score, math.ceil, -NEAR), _tenths(self.score, math.floor, NEAR)
            return max(0, low), min(HIGHEST_SCORE, high)
        if self.score_min is None and self.score_max is None:
            return None
        highest = HIGHEST_SCORE if self.score_max is None else _tenths(self.score_max, math.floor)
        return _tenths(self.score_min or 0.0, math.ceil), highest

    def people(self) -> dict[str, str]:
        """The names asked for, by role."""
        names = {ACTOR: self.actor, DIRECTOR: self.director}
        return {role: name for role, name in names.items() if name}

    def order(self) -> Literal["score", "votes", "year"]:
        """The given order, or the default for this kind of query."""
        return self.sort or ("votes" if self.score is not None or self.q.strip() else "score")


def _tenths(score: float, rounded: Callable[[float], int], more: int = 0) -> int:
    """A score in tenths plus `more`; errors of floats are rounded away first, so that 1.1 is 11 and never 12."""
    return rounded(round(score * TENTHS + more, 6))


class TitlePath(BaseModel):
    media_id: str = Field(max_length=40)


class PersonPath(BaseModel):
    person_id: int = Field(ge=1, le=INT32)


class PeopleQuery(Parameters):
    q: Name = Field(description="Words of the name or their first letters; one or two letters must be a whole word")
    limit: Limit = 20
    offset: int = Field(0, ge=0, le=MOST_ROWS)


class TitleInfo(Titled):
    media_id: str
    type: str
    year: int
    certification: str | None
    genres: list[str]
    countries: list[str]
    score: float | None = Field(description="On IMDb, 0 to 10")
    votes: int | None


class TitlesAnswer(Answer):
    run_id: str
    total: int | None = Field(description="Number of all matches; null where it is unknown without reading them")
    complete: bool = Field(description="False when too many titles had to be read, so that some may be missing")
    items: list[TitleInfo]


class FacetCount(BaseModel):
    value: str
    titles: int


class FacetsAnswer(Answer):
    run_id: str
    of_matches: bool = Field(description="False: too many matches to count, so the numbers are for the whole catalogue")
    facets: dict[str, list[FacetCount]] = Field(description="Most titles first")


class CreditInfo(BaseModel):
    person_id: int
    name: str
    character: str | None


class LinkedMovie(Titled):
    movie_id: int
    rating_count: int
    mean_rating: float | None = Field(description="Mean rating on MovieLens, in stars")


class TitleAnswer(Answer, TitleInfo):
    run_id: str
    runtime: int | None = Field(description="Minutes; for a show, per episode")
    seasons: int | None
    description: str | None
    imdb_url: str | None
    tmdb_popularity: float | None
    tmdb_score: float | None
    cast: list[CreditInfo]
    directors: list[CreditInfo]
    movie: LinkedMovie | None = Field(description="The MovieLens movie with the same IMDb id")


class SimilarTitle(TitleInfo):
    similarity: float = Field(description="0 to 1: see docs/jobs/build_catalogue.md")
    because: list[str]


class SimilarTitlesAnswer(Answer):
    media_id: str
    run_id: str
    items: list[SimilarTitle]


class PersonInfo(BaseModel):
    person_id: int
    name: str
    acted: int = Field(description="Number of titles acted in")
    directed: int = Field(description="Number of titles directed")


class PeopleAnswer(Answer):
    run_id: str
    more: bool = Field(description="There are more, at a higher offset")
    complete: bool = Field(description="False when too many names start like this to read all: some may be missing")
    items: list[PersonInfo]


class PersonAnswer(Answer, PersonInfo):
    run_id: str
    acted_in: list[TitleInfo]
    director_of: list[TitleInfo]


class FeedbackPath(UserPath, TitlePath):
    pass


class Vote(BaseModel):
    vote: Literal[1, -1] = Field(description="1 likes the title, -1 does not")


class FeedbackInfo(Vote):
    media_id: str
    title: str | None = Field(description="Null for a title that is no longer in the catalogue")
    display_title: str | None = Field(description="As people say it")
    voted_at: datetime


class FeedbackQuery(Parameters):
    limit: int = Field(MOST_VOTES, ge=1, le=MOST_VOTES)
    offset: int = Field(0, ge=0, le=INT32)


class FeedbackAnswer(Answer):
    user_id: int
    total: int = Field(description="Number of all votes of the user; `items` has some of them")
    items: list[FeedbackInfo] = Field(description="Latest first; the answer to a vote has only the latest few")


class ForYouTitle(TitleInfo):
    match: float = Field(description="Sort key of the list")
    because: list[str] = Field(
        description="Liked titles that are similar to this one, then whether the model recommends it"
    )


class ForYouAnswer(Answer):
    user_id: int
    run_id: str
    items: list[ForYouTitle]


class OverviewAnswer(Answer):
    run_id: str
    counts: dict[str, int] = Field(description="Records in, clean and rejected by reason; rows.TABLE: rows of a table")
    linked_share: float | None = Field(description="Share of the movies that are linked to MovieLens")
    samples: dict[str, list[dict[str, Any]]]
