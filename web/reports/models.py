"""Queries and answers of the API of reports."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from web.app.fields import Answer, Parameters


class EdaAnswer(Answer):
    dataset_id: str
    figures: dict[str, dict[str, list[Any]]] = Field(description="Columns of each figure by name, all equally long")


class ReportAnswer(Answer):
    run_id: str
    dataset_id: str | None
    verdict: str = Field(description="good, watch or act")
    report: dict[str, Any] = Field(description="Described in docs/jobs, on the page of the job that wrote it")


class QualityQuery(Parameters):
    subject: str | None = Field(
        None, max_length=40, description="Table of a report made with --table; by default the cleaned MovieLens data"
    )


class SubjectPath(BaseModel):
    subject: str = Field(max_length=40, description="For example servers, users or movies")


class OutliersQuery(Parameters):
    limit: int = Field(50, ge=1, le=1000)


class OutlierRow(BaseModel):
    place: int
    row_id: str
    score: float
    reasons: list[str] = Field(description="What makes the row unusual, strongest reason first")
    values: list[float] = Field(description="In the order of the report's features")


class OutliersAnswer(Answer):
    subject: str
    run_id: str
    dataset_id: str | None
    verdict: str
    report: dict[str, Any] = Field(description="Model, features, epsilon, F1, counts and the plot")
    items: list[OutlierRow] = Field(description="Most unusual first")
