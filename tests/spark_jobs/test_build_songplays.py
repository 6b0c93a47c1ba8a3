"""Generated songs and logs from their bytes to the star schema, beside what plain Python says of the same events."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from cql.kinds import Kind
from domain.contract.generated import is_generated
from domain.contract.songplays import LEVELS, songplay_id
from domain.generators.songs import TASTES, song
from spark_jobs import generate_songplays
from spark_jobs.publishing.active import active_runs
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables
from tests.support.songs_world import SEED, SIZES, SongWorld, build, good_events, good_plays, log_line, published, table


@pytest.fixture(scope="module")
def paths(song_world: SongWorld) -> Paths:
    return song_world.paths


@pytest.fixture(scope="module")
def generated(song_world: SongWorld) -> Run:
    return song_world.generated


@pytest.fixture(scope="module")
def built(song_world: SongWorld) -> Run:
    return song_world.built


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return good_events()


@pytest.fixture(scope="module")
def plays() -> list[dict[str, Any]]:
    return good_plays()


def star(spark: SparkSession, paths: Paths, run: Run, name: str) -> DataFrame:
    return spark.read.parquet(str(published(paths) / run.run_id / "star" / name))


def test_generated_plays_say_so(built: Run) -> None:
    assert is_generated(built.dataset_id)
    assert built.record()["generated"] is True


def test_exactly_the_planted_lines_are_rejected(generated: Run, built: Run) -> None:
    planted = {name.removeprefix("planted."): n for name, n in generated.counts.items() if name.startswith("planted.")}
    head = "log_data.rejected."
    rejected = {name.removeprefix(head): n for name, n in built.counts.items() if name.startswith(head)}
    assert rejected == planted
    assert len(planted) == 7
    assert built.counts["log_data.clean"] == generated.counts["truth.events"]
    assert built.counts["log_data.in"] == built.counts["log_data.clean"] + built.counts["log_data.rejected"]
    assert built.counts["song_data.clean"] == built.counts["star.songs"] == SIZES.songs


def test_a_dry_run_leaves_its_folder_beside_its_tables_and_nothing_among_real_runs(paths: Paths, built: Run) -> None:
    assert [each.name for each in published(paths).glob("[!.]*")] == [built.run_id]
    assert not paths.published(Kind.SONGPLAYS).exists()


def test_every_play_is_there_with_the_song_that_its_title_artist_and_duration_name(
    spark: SparkSession, paths: Paths, built: Run, plays: list[dict[str, Any]]
) -> None:
    songs = [song(SEED, SIZES, number) for number in range(SIZES.songs)]
    known = {(each["title"], each["artist_name"]): each for each in songs}
    expected = {}
    for play in plays:
        found = known.get((play["song"], play["artist"]))
        fits = found is not None and abs(found["duration"] - play["length"]) <= 1.0
        expected[songplay_id(play["sessionId"], play["itemInSession"])] = (
            datetime.fromtimestamp(play["ts"] / 1000, UTC).replace(tzinfo=None),
            int(play["userId"]),
            play["level"],
            found["song_id"] if found and fits else None,
            found["artist_id"] if found and fits else None,
        )
    rows = star(spark, paths, built, "songplays").collect()
    stored = {row.songplay_id: (row.start_time, row.user_id, row.level, row.song_id, row.artist_id) for row in rows}
    assert stored == expected
    assert len(rows) == len(expected)
    matched = [value for value in expected.values() if value[3]]
    assert 0 < len(matched) < len(rows)
    assert built.counts["plays.matched"] == len(matched)


def test_the_sum_over_levels_is_the_number_of_plays(generated: Run, built: Run) -> None:
    levels = [built.counts[f"plays.{level}"] for level in LEVELS]
    assert levels == [generated.counts[f"truth.plays.{level}"] for level in LEVELS]
    assert sum(levels) == built.counts["star.songplays"] == generated.counts["truth.plays"]


def test_keys_of_every_play_are_in_the_dimensions_or_null_together(
    spark: SparkSession, paths: Paths, built: Run
) -> None:
    facts = star(spark, paths, built, "songplays")
    keys = {"users": "user_id", "songs": "song_id", "artists": "artist_id", "time": "start_time"}
    for dimension, key in keys.items():
        known = star(spark, paths, built, dimension).select(key)
        assert known.distinct().count() == known.count()
        assert facts.where(f"{key} is not null").join(known, on=key, how="left_anti").count() == 0
    assert facts.where("user_id is null or start_time is null or (song_id is null) != (artist_id is null)").count() == 0


def test_the_time_dimension_agrees_with_datetime(spark: SparkSession, paths: Paths, built: Run) -> None:
    rows = star(spark, paths, built, "time").collect()
    assert rows
    for row in rows:
        at = row.start_time
        expected = (at.hour, at.day, at.isocalendar().week, at.month, at.year, at.weekday(), at.date().isoformat())
        assert (row.hour, row.day, row.week, row.month, row.year, row.weekday, row.date) == expected


def test_users_have_the_level_of_their_newest_event_and_changes_lead_there(
    spark: SparkSession, paths: Paths, built: Run, events: list[dict[str, Any]], plays: list[dict[str, Any]]
) -> None:
    newest = {int(event["userId"]): event["level"] for event in events if event["userId"]}
    players = {int(play["userId"]) for play in plays}
    users = {row.user_id: row.level for row in star(spark, paths, built, "users").collect()}
    assert users == {user: newest[user] for user in players}
    changes = Counter[int]()
    last: dict[int, str] = {}
    for event in events:
        if event["userId"]:
            user = int(event["userId"])
            changes[user] += last.get(user, event["level"]) != event["level"]
            last[user] = event["level"]
    stored = Counter(row[0] for row in table(spark, paths, built, "level_changes_by_user"))
    assert stored == +changes
    assert stored


def test_the_most_played_songs_of_all_days_weeks_and_places_are_those_that_are_counted(
    spark: SparkSession, paths: Paths, built: Run, plays: list[dict[str, Any]]
) -> None:
    rows = ParquetTables(paths.root / "tables").read(spark, "top_played_by_scope").where("kind = 'artist'").collect()
    scopes = {
        "all": lambda play, at: "all",
        "day": lambda play, at: f"{at:%Y-%m-%d}",
        "week": lambda play, at: f"{at:%G-W%V}",
        "place": lambda play, at: play["location"],
        "level": lambda play, at: play["level"],
    }
    expected: dict[tuple[str, str], Counter[str]] = {}
    for play in plays:
        at = datetime.fromtimestamp(play["ts"] / 1000, UTC)
        for scope, value in scopes.items():
            expected.setdefault((scope, value(play, at)), Counter())[play["artist"]] += 1
    assert {(row.scope, row.value) for row in rows} == set(expected)
    for (scope, value), counts in expected.items():
        listed = sorted((row for row in rows if (row.scope, row.value) == (scope, value)), key=lambda row: row.place)
        best = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:100]
        assert [(row.id, row.plays) for row in listed] == best


def test_songs_go_together_by_the_lift_of_their_sessions(
    spark: SparkSession, paths: Paths, built: Run, plays: list[dict[str, Any]]
) -> None:
    tracks = {row.songplay_id: row.track_id for row in star(spark, paths, built, "songplays").collect()}
    sessions: dict[int, set[str]] = {}
    for play in plays:
        track = tracks[songplay_id(play["sessionId"], play["itemInSession"])]
        sessions.setdefault(play["sessionId"], set()).add(track)
    alone = Counter(track for heard in sessions.values() for track in heard)
    both = Counter(pair for heard in sessions.values() for pair in permutations(heard, 2))
    rows = ParquetTables(paths.root / "tables").read(spark, "similar_by_track").collect()
    assert {row.track_id for row in rows} == {one for (one, _), count in both.items() if count >= 2}
    for row in rows:
        of_row = {other: count for (one, other), count in both.items() if one == row.track_id and count >= 2}
        lifts = {o: count * len(sessions) / (alone[row.track_id] * alone[o]) for o, count in of_row.items()}
        best = sorted(of_row, key=lambda other: (-lifts[other], -of_row[other], other))[:20]
        assert row.track_ids == best
        assert row.lifts == pytest.approx([lifts[other] for other in best], rel=1e-6)
        assert row.sessions == [of_row[other] for other in best]


def taste(title: str) -> int:
    """Of a generated song: its number modulo the tastes, in each half of the songs."""
    return (int(title.rsplit(" ", 1)[1]) - 1) % SIZES.songs % TASTES


def test_a_listener_never_gets_a_song_they_played_but_songs_of_their_taste(
    spark: SparkSession, paths: Paths, built: Run, plays: list[dict[str, Any]]
) -> None:
    names = {row.track_id: row.title for row in star(spark, paths, built, "songplays").collect()}
    played: dict[int, set[str]] = {}
    for play in plays:
        played.setdefault(int(play["userId"]), set()).add(play["song"])
    rows = ParquetTables(paths.root / "tables").read(spark, "songs_by_listener").collect()
    assert {row.user_id for row in rows} == set(played)
    own = []
    for row in rows:
        assert sorted(row.scores, reverse=True) == row.scores
        tracks = {names[track_id] for track_id in row.track_ids[:5]}
        own += [taste(title) == (row.user_id - 1) % TASTES for title in tracks]
    seen = star(spark, paths, built, "songplays").select("user_id", "track_id").distinct().collect()
    heard = {(row.user_id, row.track_id) for row in seen}
    assert not [1 for row in rows for track_id in row.track_ids if (row.user_id, track_id) in heard]
    assert sum(own) > 0.3 * len(own)  # by chance a quarter


@pytest.mark.parametrize(
    ("logs", "says"),
    [
        (None, r"log_data: no such folder.*--songs or SONGS_DIR"),
        ({"a.txt": "{}"}, r"log_data: no file of JSON.*\.ndjson, packed or not.*There is log_data/a\.txt"),
        (
            {"a.json": log_line(level="gold")},
            r"1 of 1 lines of log_data are rejected.*unknown_level \(1\), first in log_data/a\.json line 1",
        ),
        ({"a.json": log_line(page="Home")}, r"no event is a play \(page NextSong\)"),
    ],
    ids=["missing", "no file", "bad lines", "no plays"],
)
def test_files_that_cannot_be_used_are_named(
    spark: SparkSession, tmp_path: Path, logs: dict[str, str] | None, says: str
) -> None:
    raw = tmp_path / "raw"
    (raw / "song_data").mkdir(parents=True)
    (raw / "song_data" / "one.json").write_text(json.dumps(song(SEED, SIZES, 1)), encoding="utf-8")
    if logs is not None:
        (raw / "log_data").mkdir()
        for name, text in logs.items():
            (raw / "log_data" / name).write_text(text, encoding="utf-8")
    with pytest.raises(JobError, match=says):
        build(spark, Paths(tmp_path / "data"), songs=raw)
    assert active_runs(ParquetTables(tmp_path / "data" / "tables"), Kind.SONGPLAYS.job).get() is None


def test_a_folder_that_is_not_generated_is_not_replaced(spark: SparkSession, tmp_path: Path) -> None:
    run = Run("generate_songplays", Paths(tmp_path), {})
    with pytest.raises(JobError, match="not a generated set"):
        generate_songplays.main(spark, run, **vars(SIZES), seed=SEED, out=tmp_path)
