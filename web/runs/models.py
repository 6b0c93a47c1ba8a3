"""Queries and answers of the API of runs; the page shows the same progress."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from cql.kinds import Kind
from web.app.fields import Answer, Parameters


class RunsQuery(Parameters):
    job: Annotated[str, Field(max_length=100)] | None = None
    limit: int = Field(20, ge=1, le=100, description="Number of runs of each job")


class ActiveQuery(Parameters):
    kind: Kind = Kind.RECOMMENDATIONS


class RollbackBody(BaseModel, extra="forbid"):
    kind: Kind = Kind.RECOMMENDATIONS

    @model_validator(mode="before")
    @classmethod
    def _no_body(cls, body: Any) -> Any:
        return {} if body is None else body


class ActiveRunAnswer(Answer):
    kind: Kind
    job: str
    run_id: str
    dataset_id: str
    published_at: datetime


class RunProgress(BaseModel):
    step: str | None
    step_seconds: float | None
    steps_done: int
    rows: int | None = Field(description="Rows of the latest step that counted them")
    tasks_done: int | None = Field(description="Finished tasks of the Spark stages under way")
    tasks: int | None
    seconds: float
    silent_seconds: float = Field(description="Time since the last sign of life; from 90 on the run is lost")
    host: str | None
    pid: int | None


ListName = Literal["own", "popular"]


class ListedRatings(BaseModel):
    list: ListName = Field(description="The user's published list, or popular movies of all genres")
    first: int = Field(description="So many places of it")
    ratings: int = Field(description="Ratings of movies in these places")
    mean_stars: float | None = Field(description="Their mean; null without any")
    others_mean_stars: float | None = Field(description="That of all other ratings that came in")


class RunAnswers(BaseModel):
    users_share: float = Field(description="Share of the users that is counted, drawn at random; 1 up to some 20,000")
    ratings: int = Field(description="Ratings of these users that came in while the run was shown")
    mean_stars: float | None
    lists: list[ListedRatings]


class RunInfo(BaseModel):
    job: str
    run_id: str
    status: str = Field(
        description="running, lost (its process is gone), done, refused, failed, withdrawn (rolled back) or deleted"
    )
    progress: RunProgress | None = Field(description="Progress of a run that has not ended")
    answers: RunAnswers | None = Field(
        description="How people rated while a run of publish_recommendations was shown; at most half a minute old"
    )
    dataset_id: str | None
    generated: bool = Field(description="The data that it has read are invented")
    started_at: datetime
    finished_at: datetime | None
    record: dict[str, Any]


class RunsAnswer(Answer):
    items: list[RunInfo]
