"""Songs and event logs of a music service of any size, in the form of the public Sparkify files, made block by block.

A block is the events of one part of a day. It is a pure function of the seed, the sizes and its number, so any task may
make any block. Listeners have one of `TASTES` tastes and play mostly songs of it, so that there is something to learn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.contract.songplays import LEVELS, PLAY
from domain.generators.names import person_name, words
from domain.generators.random_streams import Stream, generator

FIRST_DAY = datetime(2018, 11, 1, tzinfo=UTC)
BLOCK_EVENTS = 20_000  # of a file, about 10 MB
ITEMS = 16  # events of a session on average
TASTES = 4
PLAY_SHARE = 0.85
OTHER_PAGES = ("Home", "About", "Settings", "Help", "Logout", "Add to Playlist")
KNOWN_SHARE = 0.4  # of plays: songs that are in the song data
NEAR_SHARE = 0.05  # of the plays of known songs: as long as another recording of it, so no match
NEAR, OFF = 0.2, 30.0  # seconds of another length that still is, or is not, the same recording
LOGGED_OUT_SHARE = 0.02  # of sessions
CHANGES_SHARE = 0.3  # of listeners who begin or stop to pay
DURATION_MEAN, DURATION_STD = 240.0, 60.0
PLACES = (
    "San Francisco-Oakland-Hayward, CA", "New York-Newark-Jersey City, NY-NJ-PA", "Chicago-Naperville-Elgin, IL-IN-WI",
    "Atlanta-Sandy Springs-Roswell, GA", "Portland-South Portland, ME", "Lansing-East Lansing, MI",
    "Waterloo-Cedar Falls, IA",
    "Tampa-St. Petersburg-Clearwater, FL", "Houston-The Woodlands-Sugar Land, TX", "Red Bluff, CA", "Eugene, OR",
)  # fmt: skip
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:31.0) Gecko/20100101 Firefox/31.0", "Mozilla/5.0 (Windows NT 6.1; WOW64)")
DIRT = ("not_json", "missing_field", "not_a_number", "id_out_of_range", "time_out_of_range", "unknown_level")

as_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder for each event


@dataclass(frozen=True)
class SongSizes:
    """The size of the generated set."""

    songs: int
    listeners: int
    events: int  # about as many
    days: int
    dirt_share: float = 0.0  # of events: bad lines, and as many that are there twice

    @property
    def parts(self) -> int:
        """Files of a day."""
        return 1 + self.events // self.days // BLOCK_EVENTS

    @property
    def blocks(self) -> int:
        """Numbers of blocks are 0 … this - 1."""
        return self.days * self.parts

    @property
    def sessions(self) -> int:
        """Sessions of a block; the ids of block b are b · this + 1 … (b + 1) · this."""
        return max(1, round(self.events / self.blocks / ITEMS))


@dataclass
class EventBlock:
    """The content of a file: good events, then lines that are bad or there twice, and how many of these by reason."""

    name: str
    events: list[dict[str, Any]]
    extra: list[str] = field(default_factory=list)
    planted: dict[str, int] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """The lines of the file, without their ends."""
        yield from map(as_json, self.events)
        yield from self.extra


@cache
def durations(seed: int, songs: int) -> NDArray[np.float64]:
    """Seconds of each song; the second half of the songs is in the logs only."""
    drawn = generator(seed, Stream.SONGS).normal(DURATION_MEAN, DURATION_STD, 2 * songs)
    return np.clip(drawn, 30.0, 900.0).round(5)


@cache
def title(seed: int, number: int) -> str:
    """The title of a song; no two are equal."""
    return f"{' '.join(words(generator(seed, Stream.SONGS, number + 1), 2)).capitalize()} No. {number + 1}"


def artist_of(number: int) -> int:
    """Three songs in a row are by the same artist; known and unknown songs share none."""
    return number // 3 + 1


def song(seed: int, sizes: SongSizes, number: int) -> dict[str, Any]:
    """Song number 0 … songs - 1 as its file has it."""
    artist = artist_of(number)
    has_place = artist % 2 == 0
    return {
        "num_songs": 1,
        "artist_id": f"AR{artist:016d}",
        "artist_latitude": round(25 + artist % 24 + 0.25, 5) if has_place else None,
        "artist_longitude": round(-70 - artist % 50 - 0.5, 5) if has_place else None,
        "artist_location": PLACES[artist % len(PLACES)] if has_place else "",
        "artist_name": person_name(artist),
        "song_id": f"SO{number:016d}",
        "title": title(seed, number),
        "duration": float(durations(seed, sizes.songs)[number]),
        "year": 0 if number % 2 else 1960 + number % 60,
    }


@dataclass(frozen=True)
class Listeners:
    """All listeners: their level before and from the moment when it changes (ms; never for most), and their place."""

    paid_first: NDArray[np.bool_]
    changes_at: NDArray[np.int64]
    place: NDArray[np.intp]

    def level(self, listener: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.intp]:
        """Places in LEVELS of listeners at times in ms."""
        return (self.paid_first[listener] ^ (at >= self.changes_at[listener])).astype(np.intp)


@cache
def listeners(seed: int, sizes: SongSizes) -> Listeners:
    """The listeners 0 … listeners - 1; their ids are one more."""
    rng = generator(seed, Stream.LISTENERS)
    count, begin, span = sizes.listeners, _ms(FIRST_DAY), sizes.days * 86_400_000
    changes = np.where(rng.random(count) < CHANGES_SHARE, begin + (span * rng.random(count)).astype(np.int64), 2**62)
    return Listeners(rng.random(count) < 0.3, changes, rng.integers(0, len(PLACES), count))


def event_block(seed: int, sizes: SongSizes, block: int) -> EventBlock:
    """The events of one file, in no order."""
    rng = generator(seed, Stream.EVENTS, block)
    day, part = divmod(block, sizes.parts)
    date = FIRST_DAY + timedelta(days=day)
    events = list(_events(rng, seed, sizes, block * sizes.sessions + 1, date))
    order = rng.permutation(len(events))
    suffix = f"-{part:05d}" if sizes.parts > 1 else ""
    made = EventBlock(f"{date:%Y/%m/%Y-%m-%d}-events{suffix}.json", [events[place] for place in order])
    for bad in range(round(sizes.dirt_share * len(events))):
        _plant(made, bad)
    return made


def _events(
    rng: np.random.Generator, seed: int, sizes: SongSizes, first: int, date: datetime
) -> Iterator[dict[str, Any]]:
    """The events of all sessions, drawn together: a draw for each session would take most of the time."""
    everybody, sessions = listeners(seed, sizes), sizes.sessions
    items = rng.geometric(1 / ITEMS, sessions)
    begins = _ms(date) + rng.integers(0, 86_400_000, sessions)
    listener = rng.integers(0, sizes.listeners, sessions)
    logged_in = rng.random(sessions) >= LOGGED_OUT_SHARE

    session_of, count = np.repeat(np.arange(sessions), items), int(items.sum())
    firsts = np.cumsum(items) - items
    item = np.arange(count) - firsts[session_of]
    is_play = (rng.random(count) < PLAY_SHARE) & logged_in[session_of]
    songs = _songs(rng, sizes.songs, listener[session_of] % TASTES, count)
    near = rng.choice([0.0, NEAR, OFF], count, p=[1 - 2 * NEAR_SHARE, NEAR_SHARE, NEAR_SHARE])
    length = (durations(seed, sizes.songs)[songs] + near).round(5)
    lasts = (1000 * length).astype(np.int64)
    passed = np.cumsum(lasts) - lasts  # of all sessions
    at = begins[session_of] + passed - passed[firsts][session_of]
    level = everybody.level(listener[session_of], at)

    bases = [
        _event(*of_session, first + number)
        for number, of_session in enumerate(
            zip(listener.tolist(), everybody.place[listener].tolist(), logged_in.tolist(), strict=True)
        )
    ]
    columns = (session_of, item, at, level, is_play, songs, length)
    for session, place, when, is_paid, plays, number, seconds in zip(*(c.tolist() for c in columns), strict=True):
        event = bases[session] | {"itemInSession": place, "level": LEVELS[is_paid], "ts": when}
        if plays:
            event |= {"artist": _artist_name(number), "length": seconds, "page": PLAY, "song": title(seed, number)}
        elif logged_in[session]:
            event["page"] = OTHER_PAGES[place % len(OTHER_PAGES)]
        yield event


def _songs(rng: np.random.Generator, songs: int, taste: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Songs that are played: those with low numbers more often, most of them of each listener's taste."""
    drawn = (songs * rng.random(count) ** 2).astype(np.int64)
    own = drawn - drawn % TASTES + taste
    chosen = np.where((rng.random(count) < 0.8) & (own < songs), own, drawn)
    return np.where(rng.random(count) < KNOWN_SHARE, chosen, chosen + songs)


@cache
def _artist_name(number: int) -> str:
    return person_name(artist_of(number))


def _event(listener: int, place: int, logged_in: bool, session: int) -> dict[str, Any]:
    """The fields that all events of a session share, with places for the rest, in the order of the files."""
    first, _, last = person_name(listener + 1).partition(" ")
    return {
        "artist": None,
        "auth": "Logged In" if logged_in else "Logged Out",
        "firstName": first if logged_in else None,
        "gender": "FM"[listener % 2] if logged_in else None,
        "itemInSession": 0,
        "lastName": last if logged_in else None,
        "length": None,
        "level": LEVELS[0],
        "location": PLACES[place] if logged_in else None,
        "method": "PUT",
        "page": "Home",
        "registration": 1_540_000_000_000.0 + listener if logged_in else None,
        "sessionId": session,
        "song": None,
        "status": 200,
        "ts": 0,
        "userAgent": AGENTS[listener % len(AGENTS)],
        "userId": str(listener + 1) if logged_in else "",
    }


def _plant(block: EventBlock, number: int) -> None:
    """Add a bad line, and a line that is there already."""
    event = dict(block.events[number % len(block.events)])
    reason = DIRT[number % len(DIRT)]
    changes: dict[str, dict[str, Any]] = {
        "missing_field": {"ts": None},
        "not_a_number": {"userId": "12a"},
        "id_out_of_range": {"userId": "99999999999"},
        "time_out_of_range": {"ts": 1000},
        "unknown_level": {"level": "gold", "userId": "1"},
    }
    bad = as_json(event | changes.get(reason, {}))
    block.extra.append(bad[:-5] if reason == "not_json" else bad)
    block.extra.append(as_json(event))
    for name in (reason, "duplicate"):
        block.planted[name] = block.planted.get(name, 0) + 1


def _ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)
