"""Queries and answers of the API of movies; pages take the same queries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from web.app.fields import INT32, Answer, Limit, LimitQuery, Parameters, Titled, Year, none_if_empty

Genre = Annotated[
    Annotated[str, Field(max_length=50)] | None,
    BeforeValidator(none_if_empty),
    Field(description="Case does not matter"),
]


class MoviePath(BaseModel):
    movie_id: int = Field(ge=0, le=INT32)


class ListQuery(LimitQuery):
    genre: Genre = None


class SearchQuery(Parameters):
    q: str = Field(
        "",
        max_length=200,
        description="Words of the title or their beginnings, in any order; case and accents do not matter",
    )
    genre: Genre = None
    year: Year = None
    limit: Limit = 20


class MovieRef(Titled):
    movie_id: int


class MovieInfo(MovieRef):
    year: int | None
    genres: list[str]


class FoundMovieInfo(MovieInfo):
    rating_count: int


class MoviesAnswer(Answer):
    items: list[FoundMovieInfo]


class StarCount(BaseModel):
    rating: float
    ratings: int


class TagUses(BaseModel):
    tag: str
    uses: int


class YearRatings(BaseModel):
    year: int = Field(description="By UTC")
    rating_count: int
    mean_rating: float


class SegmentRatings(BaseModel):
    number: int
    name: str = Field(description="What sets the users of the taste segment apart")
    rating_count: int = Field(description="By users of the segment; who is in none counts nowhere")
    mean_rating: float


class MovieAnswer(Answer, MovieInfo):
    rating_count: int
    mean_rating: float | None
    std_rating: float | None
    first_rated_at: datetime | None
    last_rated_at: datetime | None
    histogram: list[StarCount]
    by_year: list[YearRatings] | None = Field(
        description="Years in which it was rated, rising; null where the data set was stored by an older version"
    )
    by_segment: list[SegmentRatings] | None = Field(
        description="Taste segments whose users rated it; empty in small data sets, which have none; null as `by_year`"
    )
    tag_count: int
    tags: list[TagUses] = Field(description="Most used first, at most 30")
    imdb_url: str | None
    tmdb_url: str | None


class InCommon(BaseModel):
    genres: list[str] = Field(description="Of both movies")
    decade: int | None = Field(description="Its first year where both are of one, 1990")
    tags: list[str] = Field(description="Of both, at most three, those first that most people gave to this movie")


class SimilarMovie(MovieInfo):
    similarity: float = Field(description="0 to 1: half by who rated both, half by genres, tags and years")
    because: InCommon = Field(description="What both have in common; all of it may be empty, as people tell half")


class SimilarAnswer(Answer):
    movie_id: int
    run_id: str
    items: list[SimilarMovie]


class PopularMovieInfo(FoundMovieInfo):
    score: float = Field(description="Bayesian mean in stars")


class PopularAnswer(Answer):
    genre: str | None
    run_id: str
    items: list[PopularMovieInfo]
