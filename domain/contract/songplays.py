"""Song plays: what the logs of a music service call things, and the limits that clean events keep."""

from __future__ import annotations

from domain.contract.files import PACKED

ENDINGS = tuple(ending + packed for ending in (".json", ".jsonl", ".ndjson") for packed in PACKED)  # of files
PLAY = "NextSong"  # the page of an event that is a play
LEVELS = ("free", "paid")
ITEM_BITS = 20  # of a songplay_id; the rest is the session
MOST_ITEMS = 1 << ITEM_BITS  # in a session
MOST_SESSIONS = 1 << (63 - ITEM_BITS)
LISTED = 1000  # plays or listeners in one row of a table, whose lists would have no end otherwise
LONGEST = 86_400.0  # seconds of a song
LONGEST_TEXT = 1000  # characters of a name, a title or a place: keys of Cassandra hold 65,535 bytes
LONGEST_AGENT = 4000  # characters of a user agent
LONGEST_ID = 100  # characters of a song_id or artist_id, which are parts of addresses

ALL, DAY, WEEK, PLACE, LEVEL = "all", "day", "week", "place", "level"
NARROW = (DAY, WEEK, PLACE, LEVEL)  # scopes of some plays, one at a time
SCOPES = (ALL, *NARROW)  # in which there is a list of what is played most
SONG, ARTIST = "song", "artist"
KINDS = (SONG, ARTIST)
FIGURES = ("day", "hour", "weekday", "place")  # what play_figures_by_run has


def is_song_file(name: str) -> bool:
    """Whether a file is one of songs or events, by its name."""
    return name.lower().endswith(ENDINGS)


def songplay_id(session_id: int, item_in_session: int) -> int:
    """The same number for the same event, whichever file has it."""
    return (session_id << ITEM_BITS) + item_in_session
