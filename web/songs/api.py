"""GET /songs, /songs/top, /songs/{id}/{similar,listeners}, /listeners/{id}/recommendations and /songplays."""

from __future__ import annotations

from typing import Any

from domain.contract.songplays import SONG
from web.app.blueprints import api_blueprint
from web.app.fields import LimitQuery, UserPath
from web.songs.answers import known_track, listeners, plays, recommended, similar
from web.songs.models import (
    ListenersAnswer,
    PlayedTrack,
    PlaysAnswer,
    PlaysQuery,
    RecommendedQuery,
    RecommendedTracksAnswer,
    SimilarTracksAnswer,
    TitleQuery,
    TopAnswer,
    TopItem,
    TopQuery,
    TrackPath,
    TracksAnswer,
)
from web.songs.store import songs_view

blueprint = api_blueprint("songs", "Song plays: what is played most, by whom and together with what")


@blueprint.get("/songs", responses={200: TracksAnswer})
def get_songs(query: TitleQuery) -> dict[str, Any]:
    """Played songs with this title, most played first."""
    rows = songs_view().titled(query.title)
    items = [PlayedTrack(track_id=r.track_id, title=r.title, artist=r.artist, plays=r.plays) for r in rows]
    return TracksAnswer(run_id=songs_view().run_id, items=items).model_dump()


@blueprint.get("/songs/top", responses={200: TopAnswer})
def get_top(query: TopQuery) -> dict[str, Any]:
    """Songs or artists played most: ever, on a day, in a week, at a place or on a level."""
    scope, value = query.scope()
    rows = songs_view().top(scope, value, query.limit, query.kind)
    items = [
        TopItem(
            place=row.place,
            track_id=row.id if query.kind == SONG else None,
            title=row.title,
            artist=row.artist,
            plays=row.plays,
            listeners=row.listeners,
        )
        for row in rows
    ]
    return TopAnswer(run_id=songs_view().run_id, scope=scope, value=value, items=items).model_dump()


@blueprint.get("/songs/<track_id>/similar", responses={200: SimilarTracksAnswer})
def get_similar(path: TrackPath, query: LimitQuery) -> dict[str, Any]:
    """Songs often played in the same session, with their lift; empty for a song that few sessions have."""
    known_track(songs_view(), path.track_id)
    items = similar(songs_view(), path.track_id, query.limit)
    return SimilarTracksAnswer(track_id=path.track_id, run_id=songs_view().run_id, items=items).model_dump()


@blueprint.get("/songs/<track_id>/listeners", responses={200: ListenersAnswer})
def get_listeners(path: TrackPath, query: LimitQuery) -> dict[str, Any]:
    """Who listened to the song, most plays first."""
    known_track(songs_view(), path.track_id)
    items = listeners(songs_view(), path.track_id, query.limit)
    return ListenersAnswer(track_id=path.track_id, run_id=songs_view().run_id, items=items).model_dump()


@blueprint.get("/listeners/<user_id>/recommendations", responses={200: RecommendedTracksAnswer})
def get_recommendations(path: UserPath, query: RecommendedQuery) -> dict[str, Any]:
    """Songs that the listener has not played; a new one gets the most played at the given place or level."""
    source, items = recommended(songs_view(), path.user_id, query)
    answer = RecommendedTracksAnswer(user_id=path.user_id, run_id=songs_view().run_id, source=source, items=items)
    return answer.model_dump()


@blueprint.get("/songplays", responses={200: PlaysAnswer})
def get_plays(query: PlaysQuery) -> dict[str, Any]:
    """The plays of a session in order, or only those of one item or one listener in it."""
    return PlaysAnswer(run_id=songs_view().run_id, items=plays(songs_view(), query)).model_dump()
