"""Lines of song and log data, each with the reason it must be rejected for (None: it is clean)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.cleaning.json_records import json_records
from domain.cleaning.reasons import Reason
from domain.contract.songplays import LONGEST, LONGEST_AGENT, LONGEST_ID, LONGEST_TEXT, MOST_ITEMS, MOST_SESSIONS, PLAY
from spark_jobs.songs.transforms.events import LINES, check_events, check_songs, first_events, first_songs

NOW = 1_700_000_000
LONG = "é" * (LONGEST_TEXT + 1)


def song(**changes: Any) -> bytes:
    fields = {
        "num_songs": 1,
        "artist_id": "AR1",
        "artist_latitude": 40.5,
        "artist_longitude": None,
        "artist_location": "",
        "artist_name": " The  Band",
        "song_id": "SO1",
        "title": "Song",
        "duration": 200.5,
        "year": 0,
    }
    return json.dumps(fields | changes).encode()


def event(**changes: Any) -> bytes:
    fields = {
        "artist": "The Band",
        "song": "Song",
        "length": 200.5,
        "page": PLAY,
        "level": "free",
        "userId": "7",
        "sessionId": 1,
        "itemInSession": 0,
        "ts": 1_541_106_106_796,
    }
    return json.dumps(fields | changes).encode()


NAN = float("nan")
# one moment as milliseconds, seconds, ISO 8601 with a zone and without
TIMES = (1541106106796, 1.541106106796e12, 1541106106.796, "2018-11-01T21:01:46.796Z", "2018-11-01 21:01:46")
Lines = list[tuple[bytes, Reason | None]]
ANY_FILE: Lines = [
    (b" ", Reason.BLANK_LINE),
    (b'{"title": "\xff"}', Reason.INVALID_ENCODING),
    (b'{"title": "Song"', Reason.NOT_JSON),
    (b"1, 2", Reason.NOT_JSON),
    (b'{"title": "Song",}', Reason.NOT_JSON),
    (b'{"title": NA}', Reason.NOT_JSON),
    (b'{"title": "Song"}{"title": "Song"}', Reason.NOT_JSON),
    (b'{"title": "Song"}\r{"title": "Song"}', Reason.NOT_JSON),
    (b'{"title": "Song"} more', Reason.NOT_JSON),
    (b"{}", Reason.MISSING_FIELD),
]
SONGS: Lines = [
    *ANY_FILE,
    (song(), None),
    (song(), Reason.DUPLICATE),
    (song(song_id="SO2", year=1969, artist_latitude=-90.0, artist_longitude=180.0), None),
    (song(song_id="s-_" + "0" * (LONGEST_ID - 3), title=LONG[1:], artist_location=LONG[1:]), None),
    (song(song_id="SO3", duration="long"), Reason.NOT_A_NUMBER),
    (song(song_id="SO3", duration=float("inf")), Reason.NOT_A_NUMBER),
    (song(song_id="SO3", duration=float("nan")), Reason.MISSING_FIELD),
    (song(song_id="SO3", artist_name=float("nan")), Reason.EMPTY_NAME),
    (song(song_id="SO3", year=1999.5), Reason.NOT_A_NUMBER),
    (song(song_id="SO3", artist_latitude="north"), Reason.NOT_A_NUMBER),
    (song(song_id="SO5", year="1999.0", duration="200.5", artist_latitude=float("nan"), artist_longitude="NA"), None),
    (song(song_id="SO6", title="NaN", year=None, artist_location=float("nan")), None),
    (song(song_id="SO3") + song(song_id="SO4"), Reason.NOT_JSON),
    (song(song_id=" "), Reason.MISSING_FIELD),
    (song(song_id="SO3", artist_id=None), Reason.MISSING_FIELD),
    (song(song_id="SO3", duration=None), Reason.MISSING_FIELD),
    (song(song_id="SO3", title=""), Reason.EMPTY_TITLE),
    *((song(song_id=song_id), Reason.BAD_CATALOGUE_ID) for song_id in ("SO/3", "SO3\n", "S" * (LONGEST_ID + 1))),
    (song(song_id="SO3", artist_id="AR 3"), Reason.BAD_CATALOGUE_ID),
    (song(song_id="SO3", artist_name=" "), Reason.EMPTY_NAME),
    *((song(song_id="SO3", **{n: LONG}), Reason.TOO_LONG) for n in ("title", "artist_name", "artist_location")),
    (song(song_id="SO3", duration=LONGEST + 1.0), Reason.FIGURE_OUT_OF_RANGE),
    (song(song_id="SO3", duration=-1.0), Reason.FIGURE_OUT_OF_RANGE),
    (song(song_id="SO3", year=1776), Reason.FIGURE_OUT_OF_RANGE),
    (song(song_id="SO3", artist_latitude=90.5), Reason.FIGURE_OUT_OF_RANGE),
    (song(song_id="SO3", artist_longitude=-180.5), Reason.FIGURE_OUT_OF_RANGE),
]
EVENTS: Lines = [
    *ANY_FILE,
    (event(), None),
    (event(), Reason.DUPLICATE),
    (event(userId="8"), Reason.CONFLICT),
    (event(ts=1_541_106_106_797), Reason.DUPLICATE),
    (event(sessionId=10, userAgent="x" * LONGEST_AGENT, location=LONG[1:]), None),
    # numbers as copies of the public set write them, and fields that nobody uses in any form
    *((event(sessionId=2 + place, userId=user), None) for place, user in enumerate((7, 7.0, "7.0", " 7"))),
    (event(sessionId=9, registration="1.541078e+12", status="200", auth=None), None),
    # another page may be logged for the same item, and by nobody
    (event(page="Home", song=None, artist=None, length=None), None),
    (event(page="Home", song=None, artist=None, length=None, userId="", level=None), None),
    (event(sessionId=20.0, itemInSession=0.0, userId=8.0, ts=1541106106796.0), None),
    (event(sessionId="21", itemInSession="0", userId="+8", ts="1541106106796", length="200.5"), None),
    *((event(sessionId=22 + at, ts=ts), None) for at, ts in enumerate(TIMES)),
    (event(sessionId=40, page="Home", song=NAN, artist=NAN, length=NAN, userId=NAN, level=NAN), None),
    (event(sessionId=41, userId="0"), None),  # 0 is an id
    (event(itemInSession=1, ts="yesterday"), Reason.NOT_A_TIME),
    (event(itemInSession=1, ts="03/04/2018"), Reason.NOT_A_TIME),
    (event(itemInSession=1, length="long"), Reason.NOT_A_NUMBER),
    (event(itemInSession=1, length=NAN), Reason.MISSING_FIELD),
    (event(itemInSession=1, song=NAN), Reason.MISSING_FIELD),
    (event(itemInSession=1, sessionId={"id": 1}), Reason.NOT_A_NUMBER),
    (event(itemInSession="first"), Reason.NOT_A_NUMBER),
    (event(itemInSession=1) + event(itemInSession=2), Reason.NOT_JSON),
    *((event(itemInSession=1, **{name: None}), Reason.MISSING_FIELD) for name in ("page", "ts", "song", "length")),
    (event(sessionId=None), Reason.MISSING_FIELD),
    (event(itemInSession=None), Reason.MISSING_FIELD),
    (event(itemInSession=1, artist=" "), Reason.MISSING_FIELD),
    (event(itemInSession=1, userId=""), Reason.MISSING_FIELD),
    (event(itemInSession=1, level=None), Reason.MISSING_FIELD),
    (event(itemInSession=1, userId="me"), Reason.NOT_A_NUMBER),
    (event(itemInSession=1, userId=7.5), Reason.NOT_A_NUMBER),
    (event(itemInSession=1, userId=True), Reason.NOT_A_NUMBER),
    (event(itemInSession=1, userId="-1"), Reason.ID_OUT_OF_RANGE),
    (event(itemInSession=1, userId=str(2**31)), Reason.ID_OUT_OF_RANGE),
    (event(itemInSession=1, ts=(NOW + 1) * 1000), Reason.TIME_OUT_OF_RANGE),
    (event(itemInSession=1, ts=2**62), Reason.TIME_OUT_OF_RANGE),
    (event(itemInSession=1, level="gold"), Reason.UNKNOWN_LEVEL),
    *((event(itemInSession=1, **{name: LONG}), Reason.TOO_LONG) for name in ("song", "artist", "page")),
    (event(itemInSession=1, location=LONG), Reason.TOO_LONG),
    (event(itemInSession=1, userAgent="x" * (LONGEST_AGENT + 1)), Reason.TOO_LONG),
    (event(itemInSession=-1), Reason.FIGURE_OUT_OF_RANGE),
    (event(itemInSession=MOST_ITEMS), Reason.FIGURE_OUT_OF_RANGE),
    (event(sessionId=MOST_SESSIONS), Reason.FIGURE_OUT_OF_RANGE),
    (event(itemInSession=1, length=-0.5), Reason.FIGURE_OUT_OF_RANGE),
]
FILES = {"songs": SONGS, "events": EVENTS}
Classify = Callable[[str], DataFrame]


@pytest.fixture(scope="module")
def classify(spark: SparkSession) -> Classify:
    """A function that classifies the lines of a kind of file."""

    def run(file: str) -> DataFrame:
        records = [record for line, _ in FILES[file] for record in json_records([line])]
        lines = [
            ("a.json", number, 1, record.text.decode(errors="replace"), b"\xff" not in record.text, record.is_one)
            for number, record in enumerate(records, start=1)
        ]
        frame = spark.createDataFrame(lines, LINES)
        checked = check_songs(frame) if file == "songs" else check_events(frame, NOW)
        first = first_songs if file == "songs" else first_events
        return checked.where("reason is not null").unionByName(first(checked.where("reason is null")))

    return run


@pytest.mark.parametrize("file", FILES)
def test_each_line_is_rejected_for_its_reason(file: str, classify: Classify) -> None:
    found = {row["line"]: row["reason"] for row in classify(file).collect()}
    assert found == {number: reason for number, (_, reason) in enumerate(FILES[file], start=1)}


def test_a_rejected_object_names_the_field_and_what_is_written_there(classify: Classify) -> None:
    found = {(row.reason, row.field, row.value) for row in classify("events").where("reason is not null").collect()}
    assert ("not_a_number", "itemInSession", "first") in found
    assert ("not_a_time", "ts", "yesterday") in found
    assert ("unknown_level", "level", "gold") in found
    assert ("missing_field", "song", None) in found
    assert ("figure_out_of_range", "sessionId", str(MOST_SESSIONS)) in found
    of_lines = {reason for reason, field, _ in found if field is None}
    assert of_lines == {"blank_line", "invalid_encoding", "not_json", "duplicate", "conflict"}


def test_one_moment_is_read_from_every_way_to_write_it(classify: Classify) -> None:
    rows = classify("events").where("session_id between 22 and 26").orderBy("session_id").collect()
    times = [row.start_time.timestamp() for row in rows]
    assert times == pytest.approx([1541106106.796] * 3 + [1541106106.0] * 2, abs=1.0)
    assert times[:3] == pytest.approx([1541106106.796] * 3, abs=1e-3)


def test_what_a_clean_song_and_a_play_look_like(classify: Classify) -> None:
    songs, events = (classify(file).where("reason is null").orderBy("line") for file in FILES)
    columns = ["song_id", "artist_name", "artist_location", "artist_latitude", "year", "duration"]
    assert tuple(songs.select(*columns).head()) == ("SO1", "The  Band", None, 40.5, None, 200.5)
    columns = ["session_id", "item_in_session", "user_id", "level", "title", "artist", "length"]
    assert tuple(events.select(*columns).head()) == (1, 0, 7, "free", "Song", "The Band", 200.5)
