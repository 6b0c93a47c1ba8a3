"""Which song a play is matched to, its time by the calendar, and levels where events have one time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.songplays import PLAY, WEEK
from spark_jobs.songs.transforms import star_schema, table_rows

EVENT = {
    "session_id long": 1,
    "item_in_session int": 0,
    "ts long": 1_541_106_106_796,
    "user_id int": 7,
    "page string": PLAY,
    "level string": "free",
    "title string": "Song",
    "artist string": "The Band",
    "length double": 100.0,
    **{f"{name} string": None for name in ("first_name", "last_name", "gender", "location", "user_agent")},
}


def events(spark: SparkSession, *changes: dict[str, Any]) -> DataFrame:
    """Plays that differ from EVENT in what is named; each has an item of its own where none is named."""
    names = [name.split()[0] for name in EVENT]
    rows = [
        tuple({**dict(zip(names, EVENT.values(), strict=True)), "item_in_session": item, **each}.values())
        for item, each in enumerate(changes)
    ]
    frame = spark.createDataFrame(rows, ", ".join(EVENT))
    return frame.withColumn("start_time", F.timestamp_millis("ts")).drop("ts")


def test_a_play_is_of_the_nearest_song_then_the_lowest_id_within_the_tolerance(spark: SparkSession) -> None:
    of_songs = [
        ("S1", 100.0, "Two"),
        ("S2", 101.5, "Two"),
        ("S4", 99.5, "Tie"),
        ("S3", 100.5, "Tie"),
        ("S5", 100.0, "Edge"),
    ]
    rows = [(song_id, f"of {song_id}", duration, title, "The Band") for song_id, duration, title in of_songs]
    songs = spark.createDataFrame(
        rows, "song_id string, artist_id string, duration double, title string, artist_name string"
    )
    asked = [
        ({"title": "Two", "length": 101.0}, "S2"),  # a second from the first, half of one from the other
        ({"title": "Two", "length": 100.5}, "S1"),
        ({"title": "Two", "length": 100.75}, "S1"),  # as far from both
        ({"title": "Tie", "length": 100.0}, "S3"),
        ({"title": "Edge", "length": 101.0}, "S5"),
        ({"title": "Edge", "length": 99.0}, "S5"),
        ({"title": "Edge", "length": 101.0625}, None),
        ({"title": "Edge", "length": 98.9375}, None),
        ({"title": "Edge", "artist": "Other"}, None),
        ({"title": "Unknown"}, None),
    ]
    plays = star_schema.songplays(events(spark, *[change for change, _ in asked]), songs, 1.0).collect()
    found = {row.item_in_session: (row.song_id, row.artist_id) for row in plays}
    assert found == {item: (song and song, song and f"of {song}") for item, (_, song) in enumerate(asked)}
    tracks = {row.item_in_session: row.track_id for row in plays}
    assert tracks[4] == "S5" != tracks[6] == tracks[7]


def test_days_around_new_year_are_in_the_week_and_year_that_iso_counts_them_to(spark: SparkSession) -> None:
    moments = [
        datetime(*day, 23, 59, tzinfo=UTC) for day in ((2018, 12, 30), (2018, 12, 31), (2021, 1, 3), (2016, 2, 29))
    ]
    no_songs = spark.createDataFrame(
        [], "song_id string, artist_id string, duration double, title string, artist_name string"
    )
    found = events(spark, *[{"ts": int(moment.timestamp() * 1000)} for moment in moments])
    plays = star_schema.songplays(found, no_songs, 1.0)
    weeks = {(row.date, row.week, row.year) for row in star_schema.times(plays).collect()}
    assert weeks == {(f"{moment:%Y-%m-%d}", moment.isocalendar().week, moment.year) for moment in moments}
    assert ("2018-12-31", 1, 2018) in weeks
    top = table_rows.top_played(plays, table_rows.tracks(plays), 10).where(F.col("scope") == WEEK)
    assert {row.value for row in top.collect()} == {f"{moment:%G-W%V}" for moment in moments}


@pytest.mark.parametrize("step", [1, -1])
def test_of_events_at_one_time_the_later_page_has_the_level_whatever_their_order(
    spark: SparkSession, step: int
) -> None:
    at = EVENT["ts long"]
    rows = [
        {"ts": at - 1, "page": "Home", "level": "free"},
        {"page": "Home", "level": "paid"},
        {"page": PLAY, "level": "free"},
    ]
    found = events(spark, *[each | {"item_in_session": 3} for each in rows[::step]]).coalesce(1)
    assert [row.level for row in star_schema.users(found).collect()] == ["free"]
    changes = star_schema.level_changes(found).collect()
    assert [(row.level_before, row.level) for row in changes] == [("paid", "free")]
