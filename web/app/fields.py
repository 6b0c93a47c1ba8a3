"""What the API takes and answers, as pydantic models: they check, they document, they give the answers their form.

Pages take the same queries and show some of the same answers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from cql.kinds import Kind

INT32 = 2**31 - 1


def none_if_empty(value: Any) -> Any:
    """An empty field of a form means that it was left out."""
    return None if isinstance(value, str) and not value.strip() else value


Genre = Annotated[
    Annotated[str, Field(max_length=50)] | None, BeforeValidator(none_if_empty), Field(description="In any case")
]
Year = Annotated[Annotated[int, Field(ge=1800, le=2200)] | None, BeforeValidator(none_if_empty)]
Limit = Annotated[int, Field(ge=1, le=100)]


class UserPath(BaseModel):
    user_id: int = Field(ge=1, le=INT32)


class MoviePath(BaseModel):
    movie_id: int = Field(ge=1, le=INT32)


class ListQuery(BaseModel):
    limit: Limit = 10
    genre: Genre = None


class SimilarQuery(BaseModel):
    limit: Limit = 10


class RatingsQuery(BaseModel):
    limit: int = Field(50, ge=1, le=1000)


class SearchQuery(BaseModel):
    q: str = Field("", max_length=200, description="Words of the title in any order; case and accents do not matter")
    genre: Genre = None
    year: Year = None
    limit: Limit = 20


class RunsQuery(BaseModel):
    job: Annotated[str, Field(max_length=100)] | None = None
    limit: int = Field(20, ge=1, le=100, description="Runs of each job")


class KeyHeader(BaseModel):
    x_api_key: Annotated[str, Field(max_length=500)] | None = Field(None, alias="X-API-Key")


class Problem(BaseModel):
    code: str
    message: str


class ProblemAnswer(BaseModel):
    error: Problem


class MovieRef(BaseModel):
    movie_id: int
    title: str


class MovieInfo(MovieRef):
    year: int | None
    genres: list[str]


class RecommendedMovie(MovieInfo):
    score: float = Field(description="Orders the list; of popular movies the Bayesian mean in stars")
    predicted_rating: float | None = Field(description="In stars; null for popular movies")
    because: list[MovieRef] = Field(description="Movies the user rated that are most like this one")


class RecommendationsAnswer(BaseModel):
    user_id: int
    run_id: str
    source: Literal["als", "popular"]
    items: list[RecommendedMovie]


class RatedMovie(MovieInfo):
    rating: float
    rated_at: datetime


class RatingsAnswer(BaseModel):
    user_id: int
    rating_count: int = Field(description="All ratings of the user, of which `items` has the newest")
    items: list[RatedMovie]


class GenreTaste(BaseModel):
    genre: str
    rating_count: int
    mean_rating: float


class Anomalies(BaseModel):
    run_id: str = Field(description="Of detect_anomalous_users")
    isolation_score: float = Field(description="Of the Isolation Forest, -1 to 0; lower is less usual")
    unusual: bool
    list_evidence: float = Field(description="That the movies were drawn from a list, in nats")
    fake_profile: bool
    reasons: list[str]


class Segment(BaseModel):
    number: int = Field(description="1 is the largest")
    name: str = Field(description="What sets its users apart")
    users: int
    share: float = Field(description="Of the users that have a segment")


class ProfileAnswer(BaseModel):
    user_id: int
    rating_count: int
    mean_rating: float
    std_rating: float
    first_rated_at: datetime
    last_rated_at: datetime
    genres: list[GenreTaste] = Field(description="Most rated first")
    segment: Segment | None = Field(
        description="By taste; null for a user with too few ratings, and in small data sets"
    )
    anomalies: Anomalies | None = Field(description="Null until detect_anomalous_users has looked at the data set")


class FoundMovieInfo(MovieInfo):
    rating_count: int


class MoviesAnswer(BaseModel):
    items: list[FoundMovieInfo]


class StarCount(BaseModel):
    rating: float
    ratings: int


class TagUses(BaseModel):
    tag: str
    uses: int


class MovieAnswer(MovieInfo):
    rating_count: int
    mean_rating: float | None
    std_rating: float | None
    first_rated_at: datetime | None
    last_rated_at: datetime | None
    histogram: list[StarCount]
    tag_count: int
    tags: list[TagUses] = Field(description="Most used first, at most 30")
    imdb_url: str | None
    tmdb_url: str | None


class SimilarMovie(MovieInfo):
    similarity: float = Field(description="Cosine of the item factors, -1 to 1")


class SimilarAnswer(BaseModel):
    movie_id: int
    run_id: str
    items: list[SimilarMovie]


class PopularMovieInfo(FoundMovieInfo):
    score: float = Field(description="Bayesian mean in stars")


class PopularAnswer(BaseModel):
    genre: str | None
    run_id: str
    items: list[PopularMovieInfo]


class EdaAnswer(BaseModel):
    dataset_id: str
    figures: dict[str, dict[str, list[Any]]] = Field(description="Equally long columns by name, by name of the figure")


class ReportAnswer(BaseModel):
    run_id: str
    dataset_id: str | None
    verdict: str = Field(description="good, watch or act")
    report: dict[str, Any] = Field(description="Its form is in docs/jobs of the job that wrote it")


class QualityQuery(BaseModel):
    subject: str | None = Field(
        None, max_length=40, description="Of a report on --table; without it the cleaned MovieLens data"
    )


class SubjectPath(BaseModel):
    subject: str = Field(max_length=40, description="Such as servers, users or movies")


class OutliersQuery(BaseModel):
    limit: int = Field(50, ge=1, le=1000)


class OutlierRow(BaseModel):
    place: int
    row_id: str
    score: float
    reasons: list[str] = Field(description="What makes the row unusual, the strongest first")
    values: list[float] = Field(description="In the order of the report's features")


class OutliersAnswer(BaseModel):
    subject: str
    run_id: str
    dataset_id: str | None
    verdict: str
    report: dict[str, Any] = Field(description="Model, features, epsilon, F1, counts and the plot")
    items: list[OutlierRow] = Field(description="Least usual first")


class ActiveQuery(BaseModel):
    kind: Kind = Kind.RECOMMENDATIONS


class RollbackBody(BaseModel, extra="forbid"):
    kind: Kind = Kind.RECOMMENDATIONS

    @model_validator(mode="before")
    @classmethod
    def _no_body(cls, body: Any) -> Any:
        return {} if body is None else body


class ActiveRunAnswer(BaseModel):
    kind: Kind
    job: str
    run_id: str
    dataset_id: str
    published_at: datetime


class RunProgress(BaseModel):
    step: str | None
    step_seconds: float | None
    steps_done: int
    rows: int | None = Field(description="Of the newest step that counted them")
    tasks_done: int | None = Field(description="Of the Spark stages under way")
    tasks: int | None
    seconds: float
    silent_seconds: float = Field(description="Since the job was last heard of; from 90 on the run is lost")
    host: str | None
    pid: int | None


class RunInfo(BaseModel):
    job: str
    run_id: str
    status: str = Field(
        description="running, lost (its process is gone), done, refused, failed, withdrawn (rolled back) or deleted"
    )
    progress: RunProgress | None = Field(description="Of a run that has not ended")
    dataset_id: str | None
    started_at: datetime
    finished_at: datetime | None
    record: dict[str, Any]


class RunsAnswer(BaseModel):
    items: list[RunInfo]
