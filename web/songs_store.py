"""Every read of the song plays, one method a query."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from domain.songplays import SONG
from web.database import Database, select

PLAYS = select("songplays_by_session", "run_id", "session_id")
PLAY = select("songplays_by_session", "run_id", "session_id", "item_in_session")
SESSIONS = select("sessions_by_user", "run_id", "user_id", limited=True)
LISTENER = select("listeners_by_id", "run_id", "user_id")
CHANGES = select("level_changes_by_user", "run_id", "user_id")
TRACK = select("tracks_by_id", "run_id", "track_id")
TITLED = select("tracks_by_title", "run_id", "title_key")
LISTENERS = select("listeners_by_track", "run_id", "track_id", limited=True)
TOP = select("top_played_by_scope", "run_id", "scope", "value", "kind", limited=True)
SIMILAR = select("similar_by_track", "run_id", "track_id")
RECOMMENDED = select("songs_by_listener", "run_id", "user_id")
FIGURES = select("play_figures_by_run", "run_id")


class SongsView:
    """The reads of one request, all of one run of build_songplays."""

    def __init__(self, database: Database, run_id: str) -> None:
        self._database = database
        self.run_id = run_id

    def plays(self, session_id: int) -> list[Any]:
        """Rows of songplays_by_session, in the order of the session; none for an unknown one."""
        return list(self._database.rows(PLAYS, self.run_id, session_id))

    def play(self, session_id: int, item: int) -> Any | None:
        """One row of songplays_by_session."""
        return self._database.one(PLAY, self.run_id, session_id, item)

    def sessions(self, user_id: int, limit: int) -> list[Any]:
        """Rows of sessions_by_user, newest first."""
        return list(self._database.rows(SESSIONS, self.run_id, user_id, limit))

    def listener(self, user_id: int) -> Any | None:
        """The row of listeners_by_id, None for who never played a song."""
        return self._database.one(LISTENER, self.run_id, user_id)

    def listeners_by_id(self, user_ids: Iterable[int]) -> dict[int, Any]:
        """The rows of listeners_by_id by id."""
        found = self._database.each(LISTENER, [(self.run_id, user_id) for user_id in user_ids])
        return {row.user_id: row for rows in found for row in rows}

    def level_changes(self, user_id: int) -> list[Any]:
        """Rows of level_changes_by_user, oldest first."""
        return list(self._database.rows(CHANGES, self.run_id, user_id))

    def track(self, track_id: str) -> Any | None:
        """The row of tracks_by_id."""
        return self._database.one(TRACK, self.run_id, track_id)

    def tracks(self, track_ids: Iterable[str]) -> dict[str, Any]:
        """The rows of tracks_by_id by id."""
        found = self._database.each(TRACK, [(self.run_id, track_id) for track_id in track_ids])
        return {row.track_id: row for rows in found for row in rows}

    def titled(self, title: str) -> list[Any]:
        """Rows of tracks_by_title, most played first; capitals and spaces around do not matter."""
        return list(self._database.rows(TITLED, self.run_id, title.strip().lower()))

    def listeners(self, track_id: str, limit: int) -> list[Any]:
        """Rows of listeners_by_track, most plays first."""
        return list(self._database.rows(LISTENERS, self.run_id, track_id, limit))

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
