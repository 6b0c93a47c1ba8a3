"""Queries and answers of the API of users and of what they rate; pages take the same queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SkipValidation

from web.app.fields import INT32, Answer, Limit, LimitQuery, Parameters
from web.movies.models import MovieInfo, MovieRef
from web.users.narrowed import Narrowed

MOST_RATINGS = 1000  # in one call
CLOCKS_DIFFER = timedelta(minutes=1)


class RecommendationsQuery(Narrowed, LimitQuery):
    holdout: bool = Field(
        False,
        description="The list that was measured on what is held out of the user's ratings; not with what narrows it",
    )


class RatingsQuery(Parameters):
    limit: int = Field(50, ge=1, le=1000)


class ReasonMovie(MovieRef):
    share: float | None = Field(
        description="Of what the movies that the user rated add to the score, 0 to 1; null in lists of older versions"
    )


class RecommendedMovie(MovieInfo):
    score: float | None = Field(
        description="Sort key of the list; for popular movies the Bayesian mean in stars; null with `holdout`"
    )
    predicted_rating: float | None = Field(description="In stars; null for popular movies and with `holdout`")
    because: list[ReasonMovie] = Field(
        description="Up to three movies the user liked that this one is here for, most first; none with `holdout`"
    )


Source = Annotated[
    Literal["als", "fold_in", "popular"],
    Field(
        description="`als`: the list that was published for the user, whichever model that is; `fold_in`: made now by "
        "the published model from ratings that it has not learned; `popular`: popular movies"
    ),
]


class RecommendationsAnswer(Answer):
    user_id: int
    run_id: str
    source: Source
    items: list[RecommendedMovie]


class VisitorRating(BaseModel):
    movie_id: int = Field(ge=0, le=INT32)
    rating: float = Field(allow_inf_nan=False, description="In stars of the data's own scale")


class VisitorBody(Narrowed):
    ratings: list[VisitorRating] = Field(max_length=1000, description="Of a movie rated twice the last counts")
    limit: Limit = 10
    exclude: list[int] = Field(default_factory=list, max_length=1000, description="Movies not to be listed")


class VisitorAnswer(Answer):
    run_id: str
    source: Source
    unknown: list[int] = Field(description="Movies of the question that the data lack: they count for nothing")
    items: list[RecommendedMovie]


class RatedMovie(MovieInfo):
    rating: float
    rated_at: datetime


class HiddenMovie(MovieInfo):
    hidden_at: datetime


class RatingsAnswer(Answer):
    user_id: int
    rating_count: int = Field(description="Number of all ratings of the user; `items` has the latest")
    items: list[RatedMovie]
    hidden: list[HiddenMovie] = Field(description="Movies that the user is not interested in, latest first")


def _no_time_to_come(at: datetime) -> datetime | None:
    """The time in UTC; None, which is now, for one that a clock ahead of ours takes for now."""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    now = datetime.now(UTC)
    if at > now + CLOCKS_DIFFER:
        raise ValueError(f"{at.isoformat()} is in the future: give the time of the rating, or leave it out for now")
    if at < datetime(1970, 1, 1, tzinfo=UTC):
        raise ValueError(f"{at.isoformat()} is before 1970: give the time of the rating, or leave it out for now")
    return None if at > now else at.astimezone(UTC)


UserId = Annotated[int, Field(ge=1, le=INT32)]


class RatingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    movie_id: int = Field(strict=True, ge=0, le=INT32)
    rating: float = Field(strict=True, allow_inf_nan=False, description="In stars, on the scale of the data set")
    rated_at: Annotated[datetime, AfterValidator(_no_time_to_come)] | None = Field(
        None, description="In UTC where it says no other, or in seconds since 1970; left out, it is now"
    )


class UserRating(RatingBody):
    user_id: UserId = Field(strict=True)


class RatingsBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ratings: list[SkipValidation[UserRating]] = Field(min_length=1, max_length=MOST_RATINGS)


class IdempotencyHeader(Parameters):
    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(None, alias="Idempotency-Key")


class WritingPath(BaseModel):
    user_id: UserId


class UserMoviePath(WritingPath):
    movie_id: int = Field(ge=0, le=INT32)


class RatingAnswer(Answer):
    user_id: int
    movie_id: int
    rating: float | None = Field(description="As stored; null where it was taken back, or never given at this site")
    rated_at: datetime | None = Field(description="Of the rating, or of its taking back")
    hidden_at: datetime | None = Field(description="Since when the user is not interested; null: is not hidden")


class RefusedRating(BaseModel):
    position: int = Field(description="In `ratings`, from 0")
    reason: str


class AcceptedAnswer(Answer):
    accepted: int
    refused: list[RefusedRating]


class GenreTaste(BaseModel):
    genre: str
    rating_count: int
    mean_rating: float


class Anomalies(BaseModel):
    run_id: str = Field(description="Run of the job detect_anomalous_users")
    isolation_score: float = Field(description="Score of the Isolation Forest, -1 to 0; the lower, the more unusual")
    unusual: bool
    list_evidence: float = Field(description="Evidence, in nats, that the movies were drawn from a list")
    fake_profile: bool
    reasons: list[str]


class Segment(BaseModel):
    number: int = Field(description="1 is the largest")
    name: str = Field(description="What sets its users apart")
    users: int
    share: float = Field(description="Share of the users who are in a segment")


class ProfileAnswer(Answer):
    user_id: int
    rating_count: int
    mean_rating: float | None = Field(description="Null, as what follows, for a user who has no rating any more")
    std_rating: float | None
    first_rated_at: datetime | None
    last_rated_at: datetime | None
    genres: list[GenreTaste] = Field(description="Most rated first")
    segment: Segment | None = Field(
        description="Taste segment; null for a user with too few ratings, and in small data sets"
    )
    anomalies: Anomalies | None = Field(description="Null until detect_anomalous_users has checked the data set")
