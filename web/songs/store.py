"""All reads of the song plays, one method a query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from flask import g

from cql.kinds import Kind
from domain.contract.songplays import LISTED, SONG, songplay_id
from web.app.active import active_runs
from web.app.database import Database, database, select
from web.app.errors import NothingPublished

PLAYS = select("songplays_by_session", "run_id", "session_id")
BLOCK = select("songplays_by_session", "run_id", "session_id", "block")
SESSIONS = select("sessions_by_user", "run_id", "user_id", limited=True)
LISTENER = select("listeners_by_id", "run_id", "user_id")
CHANGES = select("level_changes_by_user", "run_id", "user_id")
TRACK = select("tracks_by_id", "run_id", "track_id")
TITLED = select("tracks_by_title", "run_id", "title_key")
LISTENERS = select("listeners_by_track", "run_id", "track_id", "block")
TOP = select("top_played_by_scope", "run_id", "scope", "value", "kind", limited=True)
SIMILAR = select("similar_by_track", "run_id", "track_id")
RECOMMENDED = select("songs_by_listener", "run_id", "user_id")
FIGURES = select("play_figures_by_run", "run_id")


class Play(NamedTuple):
    """An entry of the lists of songplays_by_session."""

    item_in_session: int
    start_time: datetime
    user_id: int
    level: str
    song_id: str | None
    artist_id: str | None
    location: str | None
    user_agent: str | None
    track_id: str
    title: str
    artist: str
    length: float
    session_id: int
    songplay_id: int


def _plays(row: Any) -> Iterator[Play]:
    lists = (
        row.items,
        row.start_times,
        row.user_ids,
        row.levels,
        *[[text or None for text in texts] for texts in (row.song_ids, row.artist_ids, row.locations, row.user_agents)],
        row.track_ids,
        row.titles,
        row.artists,
        row.lengths,
    )
    for entry in zip(*lists, strict=True):
        yield Play._make((*entry, row.session_id, songplay_id(row.session_id, entry[0])))


class SongsView:
    """The reads of one request, all of one run of build_songplays."""

    def __init__(self, database: Database, run_id: str) -> None:
        self._database = database
        self.run_id = run_id

    def plays(self, session_id: int) -> list[Play]:
        """The plays of a session, in its order; none for an unknown one."""
        return [play for row in self._database.rows(PLAYS, self.run_id, session_id) for play in _plays(row)]

    def play(self, session_id: int, item: int) -> Play | None:
        """The play at this place of the session."""
        row = self._database.one(BLOCK, self.run_id, session_id, item // LISTED)
        return next((play for play in _plays(row) if play.item_in_session == item), None) if row else None

    def sessions(self, user_id: int, limit: int) -> list[Any]:
        """Rows of sessions_by_user, newest first."""
        return list(self._database.rows(SESSIONS, self.run_id, user_id, limit))

    def listener(self, user_id: int) -> Any | None:
        """The row of listeners_by_id, or None for somebody who never played a song."""
        return self._database.one(LISTENER, self.run_id, user_id)

    def listeners_by_id(self, user_ids: Iterable[int]) -> dict[int, Any]:
        """The rows of listeners_by_id by id."""
        partitions = self._database.each(LISTENER, [(self.run_id, user_id) for user_id in user_ids])
        return {row.user_id: row for rows in partitions for row in rows}

    def level_changes(self, user_id: int) -> list[Any]:
        """Rows of level_changes_by_user, oldest first."""
        return list(self._database.rows(CHANGES, self.run_id, user_id))

    def track(self, track_id: str) -> Any | None:
        """The row of tracks_by_id."""
        return self._database.one(TRACK, self.run_id, track_id)

    def tracks(self, track_ids: Iterable[str]) -> dict[str, Any]:
        """The rows of tracks_by_id by id."""
        partitions = self._database.each(TRACK, [(self.run_id, track_id) for track_id in track_ids])
        return {row.track_id: row for rows in partitions for row in rows}

    def titled(self, title: str) -> list[Any]:
        """Rows of tracks_by_title, most played first; capitals and spaces around do not matter."""
        return list(self._database.rows(TITLED, self.run_id, title.strip().lower()))

    def listeners(self, track_id: str, limit: int) -> list[tuple[int, int]]:
        """user_id and plays of each, most plays first; `limit` is at most LISTED."""
        row = self._database.one(LISTENERS, self.run_id, track_id, 0)
        return list(zip(row.user_ids, row.plays, strict=True))[:limit] if row else []

    def top(self, scope: str, value: str, limit: int, kind: str = SONG) -> list[Any]:
        """Rows of top_played_by_scope, most played first; none where nothing was played."""
        return list(self._database.rows(TOP, self.run_id, scope, value, kind, limit))

    def similar(self, track_id: str) -> Any | None:
        """The row of similar_by_track, None for a song that shares too few sessions with any other."""
        return self._database.one(SIMILAR, self.run_id, track_id)

    def recommended(self, user_id: int) -> Any | None:
        """The row of songs_by_listener."""
        return self._database.one(RECOMMENDED, self.run_id, user_id)

    def figures(self) -> dict[str, dict[str, list[Any]]]:
        """The columns of every figure by its name."""
        return {row.name: json.loads(row.data) for row in self._database.rows(FIGURES, self.run_id)}


def songs_view() -> SongsView:
    """The reads of this request, all of one run.

    Raises:
        NothingPublished: no song plays are published yet.
    """
    if "songs_view" not in g:
        run = active_runs().published(Kind.SONGPLAYS)
        active_runs().note_invented(Kind.SONGPLAYS, run)
        g.songs_view = SongsView(database(), run.run_id)
    return g.songs_view


def songs_view_or_none() -> SongsView | None:
    """The view of song plays, None before the first song plays are published."""
    try:
        return songs_view()
    except NothingPublished:
        return None
