"""Files in exactly the form of the public Sparkify set, with what is peculiar to it, and what is counted in them.

The set itself may not lie here: these are lines made by hand in its form.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.build_songplays import STAR, build_star
from spark_jobs.songs.files import survey_songs
from spark_jobs.songs.intake import take_in
from spark_jobs.songs.transforms.star_schema import level_changes
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

SONGS = {
    "A/A/A/TRAAA1.json": r'{"num_songs": 1, "artist_id": "AR1", "artist_latitude": null, "artist_longitude": null,'
    r' "artist_location": "Dubai UAE", "artist_name": "Elena", "song_id": "SO1", "title": "Setanta matins",'
    r' "duration": 269.58322, "year": 0}',
    "A/A/B/TRAAB1.json": r'{"num_songs": 1, "artist_id": "AR2", "artist_latitude": 35.14968,'
    r' "artist_longitude": -90.04892, "artist_location": "Memphis, TN", "artist_name": "The Box Tops",'
    r' "song_id": "SO2", "title": "Soul Deep", "duration": 148.03546, "year": 1969}',
    "A/A/C/TRAAC1.json": r'{"num_songs": 1, "artist_id": "AR2", "artist_latitude": 35.14968,'
    r' "artist_longitude": -90.04892, "artist_location": "Memphis, TN", "artist_name": "The Box Tops",'
    r' "song_id": "SO3", "title": "The Letter", "duration": 115.0, "year": 1967}',
}
AGENT = r'"\"Mozilla\/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit\/537.36 (KHTML, like Gecko)\""'


def line(
    user: str,
    session: int,
    item: int,
    ts: int,
    page: str = "NextSong",
    level: str = "free",
    play: str = "null,null,null",
) -> str:
    """An event with the fields of the set in their order, as JSON; `play` is artist, song and length."""
    artist, song, length = play.split(",")
    known = user != '""'
    auth, first, last, gender = (
        ("Logged In", '"Kaylee"', '"Summers"', '"F"') if known else ("Logged Out", *3 * ["null"])
    )
    place, registration, agent = ('"Phoenix-Mesa-Scottsdale, AZ"', "1540344794796.0", AGENT) if known else 3 * ["null"]
    return (
        f'{{"artist":{artist},"auth":"{auth}","firstName":{first},"gender":{gender},"itemInSession":{item},'
        f'"lastName":{last},"length":{length},"level":"{level}","location":{place},"method":"PUT","page":"{page}",'
        f'"registration":{registration},"sessionId":{session},"song":{song},"status":200,"ts":{ts},'
        f'"userAgent":{agent},"userId":{user}}}'
    )


ELENA = '"Elena","Setanta matins",269.58322'
OTHER = r'"Des\u0027ree","You Gotta Be",246.30812'
LOGS = {
    "2018-11-01-events.json": [
        line('"39"', 38, 0, 1541105830796, "Home"),  # never plays: no user of the star
        line('"8"', 139, 0, 1541106106796, play=OTHER),
        line('"8"', 139, 1, 1541106352796, play='"Elena","Setanta matins",300.5'),  # another recording
        line('""', 52, 0, 1541107053796, "Login", level="paid"),
        line('"8"', 139, 2, 1541107493796, "Submit Upgrade"),
    ],
    "2018-11-02-events.json": [
        line("8", 140, 0, 1541181000796, level="paid", play=ELENA),  # the number that some copies have for the text
        line('"10"', 141, 0, 1541181000796, play=OTHER),  # in the same millisecond
        line('"10"', 141, 1, 1541181247796, "Logout", level="paid"),
    ],
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sparkify")
    for name, text in SONGS.items():
        write(folder / "song_data" / name, text)
    for name, lines in LOGS.items():
        write(folder / "log_data/2018/11" / name, "\n".join(lines))
    first = "\n".join(LOGS["2018-11-01-events.json"])
    # what editors and systems leave behind: the same content again, or none of the service
    write(folder / "log_data/2018/11/.ipynb_checkpoints/2018-11-01-events-checkpoint.json", first)
    write(folder / "log_data/2018/11/2018-11-01-events-checkpoint.json", first)
    write(folder / "log_data/2018/11/._2018-11-01-events.json", "\0\5\26\7")
    write(folder / "log_data/.DS_Store", "\0")
    write(folder / "song_data/A/.DS_Store", "\0")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def built(spark: SparkSession, raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    run = Run("build_songplays", Paths(tmp_path_factory.mktemp("built")), {})
    folder = run.paths.root / "run"
    folder.mkdir()
    take_in(spark, run, survey_songs(raw), folder, None, 0.05)
    build_star(spark, run, folder, 1.0)
    return run, folder


def star(spark: SparkSession, folder: Path, name: str) -> DataFrame:
    return spark.read.parquet(str(folder / "star" / name))


def test_lines_are_events_songs_and_the_copies_of_a_checkpoint(built: tuple[Run, Path]) -> None:
    counts = built[0].counts
    assert {name: count for name, count in counts.items() if name.startswith("log_data")} == {
        "log_data.files": 3,
        "log_data.files.read": 3,
        "log_data.files.hidden": 2,
        "log_data.in": 13,
        "log_data.clean": 8,
        "log_data.rejected": 5,
        "log_data.rejected.duplicate": 5,
    }
    assert counts["song_data.clean"] == len(SONGS)
    assert counts["song_data.rejected"] == 0


def test_each_table_counts_what_the_page_says(spark: SparkSession, built: tuple[Run, Path]) -> None:
    counts, folder = built[0].counts, built[1]
    assert {name: counts[f"star.{name}"] for name in STAR} == {
        "songplays": 4, "users": 2, "songs": 3, "artists": 2, "time": 3,
    }  # fmt: skip
    plays = star(spark, folder, "songplays")
    assert plays.select("user_id", "level").distinct().count() == 3
    assert (counts["plays.matched"], counts["plays.free"], counts["plays.paid"]) == (1, 3, 1)
    matched = plays.where("song_id is not null").collect()
    assert [(row.song_id, row.artist_id, row.user_id, row.title) for row in matched] == [
        ("SO1", "AR1", 8, "Setanta matins")
    ]


def test_levels_are_those_of_the_newest_event_of_any_page(spark: SparkSession, built: tuple[Run, Path]) -> None:
    users = star(spark, built[1], "users").collect()
    assert {row.user_id: (row.level, row.plays) for row in users} == {8: ("paid", 3), 10: ("paid", 1)}
    changes = level_changes(spark.read.parquet(str(built[1] / "log_data"))).collect()
    assert {(row.user_id, row.level_before, row.level) for row in changes} == {
        (8, "free", "paid"),
        (10, "free", "paid"),
    }


def test_texts_are_those_of_the_files(spark: SparkSession, built: tuple[Run, Path]) -> None:
    play = star(spark, built[1], "songplays").where("session_id = 139 and item_in_session = 0").collect()[0]
    assert (play.artist, play.length, play.location) == ("Des'ree", 246.30812, "Phoenix-Mesa-Scottsdale, AZ")
    assert play.user_agent == json.loads(AGENT)
    artists = {row.artist_id: row for row in star(spark, built[1], "artists").collect()}
    assert (artists["AR1"].location, artists["AR1"].latitude) == ("Dubai UAE", None)
    assert (artists["AR2"].name, artists["AR2"].longitude) == ("The Box Tops", -90.04892)
    songs = {row.song_id: row.year for row in star(spark, built[1], "songs").collect()}
    assert songs == {"SO1": None, "SO2": 1969, "SO3": 1967}
