"""Answers that API calls and pages of song plays have in common."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Literal

from domain.contract.songplays import ALL, LEVEL, PLACE
from web.app.errors import NotFound
from web.songs.models import ListenerCount, PlayInfo, PlaysQuery, RecommendedQuery, RecommendedTrack, SimilarTrack
from web.songs.store import Play, SongsView


def known_track(songs: SongsView, track_id: str) -> Any:
    """The row of the track.

    Raises:
        NotFound: nobody played it.
    """
    row = songs.track(track_id)
    if row is None:
        raise NotFound(f"There is no song {track_id} among the plays.")
    return row


def similar(songs: SongsView, track_id: str, limit: int) -> list[SimilarTrack]:
    """Songs often played in the same session, highest lift first; none where too few sessions have them."""
    row = songs.similar(track_id)
    if row is None:
        return []
    listed = list(zip(row.track_ids, row.lifts, row.sessions, strict=True))[:limit]
    names = songs.tracks(other for other, _, _ in listed)
    return [SimilarTrack(**_names(names[other]), lift=lift, sessions=common) for other, lift, common in listed]


def listeners(songs: SongsView, track_id: str, limit: int) -> list[ListenerCount]:
    """Listeners of the song, most plays first."""
    counted = songs.listeners(track_id, limit)
    names = songs.listeners_by_id(user_id for user_id, _ in counted)
    return [
        ListenerCount(
            user_id=user_id,
            first_name=names[user_id].first_name,
            last_name=names[user_id].last_name,
            plays=plays,
        )
        for user_id, plays in counted
    ]


def recommended(
    songs: SongsView, user_id: int, query: RecommendedQuery
) -> tuple[Literal["als", "popular"], list[RecommendedTrack]]:
    """Songs for the listener by the model; for a new one the most played at the place, on the level, or overall."""
    row = songs.recommended(user_id)
    if row is not None:
        listed = list(zip(row.track_ids, row.scores, strict=True))[: query.limit]
        names = songs.tracks(track_id for track_id, _ in listed)
        return "als", [RecommendedTrack(**_names(names[track_id]), score=score) for track_id, score in listed]
    scopes = [(PLACE, query.place), (LEVEL, query.level), (ALL, ALL)]
    lists = (songs.top(scope, value, query.limit) for scope, value in scopes if value is not None)
    rows = next((rows for rows in lists if rows), [])
    return "popular", [RecommendedTrack(track_id=r.id, title=r.title, artist=r.artist, score=r.plays) for r in rows]


def plays(songs: SongsView, query: PlaysQuery) -> list[PlayInfo]:
    """The plays asked for.

    Raises:
        NotFound: there are none.
    """
    if query.item is None:
        all_of_them = songs.plays(query.session_id)
    else:
        all_of_them = [play for play in [songs.play(query.session_id, query.item)] if play is not None]
    wanted = [play for play in all_of_them if query.user_id in (None, play.user_id)]
    if not wanted:
        raise NotFound(
            f"There is no such play in session {query.session_id}."
            if all_of_them or songs.plays(query.session_id)
            else f"There is no session {query.session_id}."
        )
    names = songs.listeners_by_id({play.user_id for play in wanted})  # a session is one listener's, or a few's
    return [play_info(play, names[play.user_id]) for play in wanted]


def play_info(play: Play, listener: Any) -> PlayInfo:
    """A play with the names of its listener, a row of listeners_by_id."""
    others = {
        "start_time": play.start_time.replace(tzinfo=UTC),
        "first_name": listener.first_name,
        "last_name": listener.last_name,
    }
    return PlayInfo.model_validate(play._asdict() | others)


def _names(row: Any) -> dict[str, str]:
    return {"track_id": row.track_id, "title": row.title, "artist": row.artist}
