"""What /operate says of each thing that is looked after; the page and the API show the same."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from domain.contract.lights import LIGHTS
from web.app.fields import Answer

WORDS = "good, watch, act, or unknown where nobody has looked yet"


class Part(BaseModel):
    """One of several things that a light sums up."""

    name: str
    light: str = Field(description=WORDS, json_schema_extra={"enum": list(LIGHTS)})
    sentence: str
    page: str = Field(description="Address of the page with the details")


class Look(BaseModel):
    subject: str = Field(description="data, quality, drift, outliers, model or services")
    light: str = Field(description=WORDS, json_schema_extra={"enum": list(LIGHTS)})
    sentence: str
    at: datetime | None = Field(default=None, description="When what is said became so, UTC")
    at_is: str = Field(default="", description="What happened then: checked, shown since then, …")
    command: str | None = Field(default=None, description="What to run next; null where nothing is to be done")
    page: str = Field(description="Address of the page with the details")
    generated: bool = Field(default=False, description="A program has made up what was looked at")
    parts: list[Part] = []


class OperateAnswer(Answer):
    light: str = Field(description="The gravest of all", json_schema_extra={"enum": list(LIGHTS)})
    sentence: str
    lights: list[Look]
