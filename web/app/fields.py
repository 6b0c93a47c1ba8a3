"""Fields and models that the API of every room uses; pydantic checks requests by them and documents answers.

What one room alone takes and answers is in its models.py.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, computed_field

from domain.serving.display_titles import display_title
from web.app.generated import is_noted

INT32 = 2**31 - 1


def none_if_empty(value: Any) -> Any:
    """An empty field of a form means that it was left out."""
    return None if isinstance(value, str) and not value.strip() else value


Year = Annotated[Annotated[int, Field(ge=1800, le=2200)] | None, BeforeValidator(none_if_empty)]
Limit = Annotated[int, Field(ge=1, le=100)]


class Parameters(BaseModel):
    """What a request gives in its query or its headers.

    flask_openapi3 asks for the JSON schema with every request, to see which parameters are lists, and pydantic makes it
    anew each time: that took a quarter of what most answers take. So it is made once.
    """

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema; that which documents the API, which is changed by who asked for it, is made anew."""
        return super().model_json_schema(*args, **kwargs) if args or kwargs else cls._own_schema()

    @classmethod
    @cache
    def _own_schema(cls) -> dict[str, Any]:
        return super().model_json_schema()


class LimitQuery(Parameters):
    limit: Limit = 10


class UserPath(BaseModel):
    user_id: int = Field(ge=0, le=INT32)


class KeyHeader(Parameters):
    x_api_key: Annotated[str, Field(max_length=500)] | None = Field(None, alias="X-API-Key")


class Answer(BaseModel):
    generated: bool = Field(
        default_factory=is_noted, description="Something in this answer is invented, made up by a program"
    )


class Titled(BaseModel):
    title: str = Field(description="As published, in MovieLens with its article last: «Shawshank Redemption, The»")

    @computed_field(description="As people say it: «The Shawshank Redemption»")  # type: ignore[prop-decorator]
    @property
    def display_title(self) -> str:
        """The title as pages show it."""
        return display_title(self.title)


class Problem(BaseModel):
    code: str
    message: str


class ProblemAnswer(BaseModel):
    error: Problem
