"""Queries and answers of the API of song plays."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from domain.contract.songplays import ALL, LONGEST_ID, LONGEST_TEXT, MOST_ITEMS, NARROW
from web.app.fields import INT32, Answer, Limit, LimitQuery, Parameters, none_if_empty

Day = Annotated[Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None, BeforeValidator(none_if_empty)]
Week = Annotated[Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$")] | None, BeforeValidator(none_if_empty)]
Place = Annotated[Annotated[str, Field(max_length=LONGEST_TEXT)] | None, BeforeValidator(none_if_empty)]
Level = Annotated[Literal["free", "paid"] | None, BeforeValidator(none_if_empty)]


class TopQuery(Parameters):
    kind: Literal["song", "artist"] = "song"
    day: Day = Field(None, description="For example 2018-11-30, UTC")
    week: Week = Field(None, description="Week of ISO 8601, for example 2018-W48")
    place: Place = Field(None, description="As written in the logs")
    level: Level = None
    limit: Limit = 20

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if len(self._given()) > 1:
            raise ValueError("give one of day, week, place and level")
        return self

    def scope(self) -> tuple[str, str]:
        """The scope asked for and its value."""
        return next(iter(self._given().items()), (ALL, ALL))

    def _given(self) -> dict[str, str]:
        return {scope: value for scope in NARROW if (value := getattr(self, scope)) is not None}


class TitleQuery(Parameters):
    title: str = Field(min_length=1, max_length=LONGEST_TEXT, description="The whole title; case does not matter")


class TrackPath(BaseModel):
    track_id: str = Field(min_length=1, max_length=LONGEST_ID)


class RecommendedQuery(LimitQuery):
    place: Place = Field(None, description="Used for a new listener")
    level: Level = Field(None, description="Used for a new listener")


class PlaysQuery(Parameters):
    session_id: int = Field(ge=0, lt=2**43)
    item: int | None = Field(None, ge=0, lt=MOST_ITEMS, description="Only this item of the session")
    user_id: int | None = Field(None, ge=1, le=INT32, description="Only plays of this listener")


class TrackInfo(BaseModel):
    track_id: str
    title: str
    artist: str


class PlayedTrack(TrackInfo):
    plays: int
    listeners: int | None = None


class TopItem(BaseModel):
    place: int
    track_id: str | None = Field(description="Null for an artist")
    title: str | None
    artist: str
    plays: int
    listeners: int


class TopAnswer(Answer):
    run_id: str
    scope: str
    value: str
    items: list[TopItem]


class TracksAnswer(Answer):
    run_id: str
    items: list[PlayedTrack]


class SimilarTrack(TrackInfo):
    lift: float = Field(description="How much more often in one session than by chance, which is 1")
    sessions: int = Field(description="Number of sessions that have both songs")


class SimilarTracksAnswer(Answer):
    track_id: str
    run_id: str
    items: list[SimilarTrack]


class ListenerCount(BaseModel):
    user_id: int
    first_name: str | None
    last_name: str | None
    plays: int


class ListenersAnswer(Answer):
    track_id: str
    run_id: str
    items: list[ListenerCount]


class RecommendedTrack(TrackInfo):
    score: float = Field(description="Sort key of the list; for popular songs the number of plays")


class RecommendedTracksAnswer(Answer):
    user_id: int
    run_id: str
    source: Literal["als", "popular"]
    items: list[RecommendedTrack]


class PlayInfo(TrackInfo):
    songplay_id: int
    start_time: datetime
    session_id: int
    item_in_session: int
    user_id: int
    first_name: str | None = Field(description="The listener's, as in the latest event")
    last_name: str | None
    level: str
    song_id: str | None
    artist_id: str | None
    length: float = Field(description="Seconds")
    location: str | None
    user_agent: str | None


class PlaysAnswer(Answer):
    run_id: str
    items: list[PlayInfo] = Field(description="In the order of the session")
