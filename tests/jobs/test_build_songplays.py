"""Generated songs and logs from their bytes to the star schema, beside what plain Python says of the same events."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from cql.active import SONGPLAYS
from domain.sample_songs import TASTES, song
from domain.songplays import LEVELS, PLAY, songplay_id
from spark_jobs import build_songplays, generate_songplays
from spark_jobs.common.active import active_runs
from spark_jobs.common.errors import JobError
from spark_jobs.common.io import ParquetTables
from spark_jobs.common.paths import Paths
from spark_jobs.common.runs import Run
from spark_jobs.common.song_files import KINDS, survey_songs
from spark_jobs.common.song_intake import new_files, take_in
from tests.songs_world import SEED, SIZES, SongWorld, build, good_events, good_plays, published


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


def table(spark: SparkSession, paths: Paths, run: Run, name: str) -> list[tuple[Any, ...]]:
    """The rows of a run in a table, in an order that does not depend on the run."""
    rows = ParquetTables(paths.root / "tables").read(spark, name).where(f"run_id = '{run.run_id}'").drop("run_id")
    return sorted((tuple(row) for row in rows.collect()), key=repr)


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
    assert [each.name for each in published(paths).iterdir()] == [built.run_id]
    assert not paths.songplays.exists()


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


@dataclass(frozen=True)
class Halves:
    """The events split, shuffled and half of them twice: a run of one half, one of what is new, one of all."""

    paths: Paths
    raw: Path
    first: Run
    second: Run
    whole: Run


@pytest.fixture(scope="module")
def halves(spark: SparkSession, paths: Paths, tmp_path_factory: pytest.TempPathFactory) -> Halves:
    root = tmp_path_factory.mktemp("halves")
    other, source, raw = Paths(root / "data"), paths.raw("songs"), root / "raw"
    shutil.copytree(source / "song_data", raw / "song_data")
    (raw / "log_data" / ".hidden").mkdir(parents=True)
    (raw / "log_data" / ".hidden" / "old.json").write_text("not read", encoding="utf-8")
    lines = [line for path in (source / "log_data").rglob("*.json") for line in path.read_text("utf-8").splitlines()]
    random.Random(5).shuffle(lines)
    half = len(lines) // 2
    (raw / "log_data" / "late.json").write_text("\n".join(lines[half:]), encoding="utf-8")
    first = taken_in(spark, other, raw)
    active_runs(ParquetTables(other.root / "tables"), SONGPLAYS).flip(first.run_id, "half", None)
    (raw / "log_data" / "early.json").write_text("\n".join(lines[:half]), encoding="utf-8")
    shutil.copy(raw / "log_data" / "late.json", raw / "log_data" / "twice.json")
    second = build(spark, other, songs=raw)
    return Halves(other, raw, first, second, build(spark, other, songs=raw, full=True))


def test_new_files_alone_are_read_and_the_tables_are_those_of_all_files(
    spark: SparkSession, paths: Paths, built: Run, halves: Halves
) -> None:
    second = halves.second
    assert [second.counts[f"log_data.files{part}"] for part in ("", ".read", ".hidden")] == [3, 2, 1]
    assert second.counts["song_data.files.read"] == 0
    assert second.facts["incremental"]
    assert 0 < halves.first.counts["log_data.clean"] < built.counts["log_data.clean"] == second.counts["log_data.clean"]
    assert_same_tables(spark, (halves.paths, second), (paths, built))


def test_an_incremental_run_ends_with_the_tables_rows_and_counts_of_a_full_one(
    spark: SparkSession, halves: Halves
) -> None:
    assert not halves.whole.facts["incremental"]
    assert halves.whole.counts["log_data.files.read"] == 3
    assert_same_lines(spark, halves.second, halves.whole)
    assert_same_tables(spark, (halves.paths, halves.second), (halves.paths, halves.whole))
    active = active_runs(ParquetTables(halves.paths.root / "tables"), SONGPLAYS).get()
    assert active is not None
    assert active.run_id == halves.whole.run_id


def test_a_file_that_changed_or_other_rules_make_a_run_read_everything(tmp_path: Path, halves: Halves) -> None:
    """What such a file once said, or such rules let through, may have been published."""
    before = published(halves.paths) / halves.whole.run_id
    version = json.loads((before / "files.json").read_text(encoding="utf-8"))["rules"]
    raw = tmp_path / "raw"
    shutil.copytree(halves.raw, raw)
    files = survey_songs(raw)
    assert [len(each.digests) for each in new_files(files, before, version).values()] == [0, 0]
    assert new_files(files, before, "0-00000000") is files
    (raw / "log_data" / "twice.json").write_text("{}", encoding="utf-8")
    files = survey_songs(raw)
    assert new_files(files, before, version) is files
    (raw / "log_data" / "twice.json").unlink()
    files = survey_songs(raw)
    assert new_files(files, before, version) is files


def assert_same_tables(spark: SparkSession, one: tuple[Paths, Run], other: tuple[Paths, Run]) -> None:
    for name in set(build_songplays.TABLES) - {"songs_by_listener"}:
        assert table(spark, *one, name) == table(spark, *other, name), name
    lists = [table(spark, *of_run, "songs_by_listener") for of_run in (one, other)]
    assert [row[0] for row in lists[0]] == [row[0] for row in lists[1]]
    # products of factors depend on how many listeners a task has at once, in the last digits
    first_scores, second_scores = ([score for row in rows for score in row[2]] for rows in lists)
    assert first_scores == pytest.approx(second_scores, rel=1e-3, abs=1e-4)


def assert_same_lines(spark: SparkSession, one: Run, other: Run) -> None:
    """The clean and rejected rows of two runs, and all they counted but the files that they read."""
    for kind in KINDS:
        for name in (kind, f"rejected_{kind}"):
            frames = [spark.read.parquet(str(published(run.paths) / run.run_id / name)) for run in (one, other)]
            columns = sorted(frames[0].columns)
            assert columns == sorted(frames[1].columns)
            rows = [sorted(map(tuple, frame.select(columns).collect()), key=repr) for frame in frames]
            assert rows[0] == rows[1], name
    counts = [{name: n for name, n in run.counts.items() if not name.endswith(".read")} for run in (one, other)]
    assert counts[0] == counts[1]


def taken_in(
    spark: SparkSession, paths: Paths, raw: Path, before: Run | None = None, share: float = 0.05, **about: Any
) -> Run:
    """A run of which only the clean and rejected rows are there, beside those of the run `before`."""
    run = Run("build_songplays", paths, {}, **about)
    folder = published(paths) / run.run_id
    folder.mkdir(parents=True)
    take_in(spark, run, survey_songs(raw), folder, before and published(paths) / before.run_id, share)
    return run


FUTURE = datetime(2020, 5, 1, tzinfo=UTC)  # of the first of the runs below


def test_what_the_clock_or_other_lines_decided_is_judged_anew_beside_new_files(
    spark: SparkSession, tmp_path: Path
) -> None:
    raw, paths, share = tmp_path / "raw", Paths(tmp_path / "data"), 0.24
    one, two = log_line(), log_line(itemInSession=1)
    late = log_line(itemInSession=2, ts=int(FUTURE.timestamp() * 1000))
    joined = log_line(itemInSession=3) + log_line(itemInSession=4)
    write(raw / "song_data" / "one.json", json.dumps(song(SEED, SIZES, 1)) + "\n\n")  # a blank line is no fault
    others = [log_line(sessionId=2, itemInSession=item) for item in range(10)]
    write(raw / "log_data" / "b.json", "\n".join([one, one, two, two, late, "", joined, *others]))
    write(raw / "log_data" / "c.json", f"{one}\r{two}\r")
    first = taken_in(spark, paths, raw, share=share, started_at=FUTURE - timedelta(days=1))
    assert logs(first) == {"in": 18, "clean": 12, "rejected": 6} | {
        "rejected.blank_line": 1, "rejected.duplicate": 2, "rejected.not_json": 2, "rejected.time_out_of_range": 1,
    }  # fmt: skip
    earlier = log_line(itemInSession=1, userId="2", ts=1541106106795)
    write(raw / "log_data" / "a.json", "\n".join([one, earlier, late, log_line(itemInSession=5, level="gold")]))
    second = taken_in(spark, paths, raw, first, share)  # more than this share of the lines of a.json alone is bad
    assert logs(second) == {"in": 22, "clean": 13, "rejected": 9} | {
        "rejected.blank_line": 1, "rejected.conflict": 2, "rejected.duplicate": 3, "rejected.not_json": 2,
        "rejected.unknown_level": 1,
    }  # fmt: skip
    whole, again = taken_in(spark, paths, raw, share=share), taken_in(spark, paths, raw, second, share)
    assert_same_lines(spark, second, whole)
    assert_same_lines(spark, again, whole)
    assert [run.counts["log_data.files.read"] for run in (first, second, whole, again)] == [2, 1, 3, 0]
    with pytest.raises(JobError, match=r"log_data: 5 of 21 lines are rejected"):
        taken_in(spark, paths, raw, second, 0.23)


def logs(run: Run) -> dict[str, int]:
    """What it counted of the lines of logs."""
    counts = {name.removeprefix("log_data."): count for name, count in run.counts.items() if "log_data" in name}
    return {name: count for name, count in counts.items() if not name.startswith("files")}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def log_line(**changes: Any) -> str:
    event = {"artist": "A", "song": "S", "length": 100.0, "page": PLAY, "level": "free", "userId": "1", "sessionId": 1}
    return json.dumps({**event, "itemInSession": 0, "ts": 1541106106796, **changes})


@pytest.mark.parametrize(
    ("logs", "says"),
    [
        (None, r"log_data: no such folder.*--songs or SONGS_DIR"),
        ({"a.txt": "{}"}, r"log_data: no file that ends in \.json"),
        (
            {"a.json": log_line(level="gold")},
            r"1 of 1 lines are rejected.*unknown_level \(1\), first in log_data/a\.json line 1",
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
    assert active_runs(ParquetTables(tmp_path / "data" / "tables"), SONGPLAYS).get() is None


def test_a_folder_that_is_not_generated_is_not_replaced(spark: SparkSession, tmp_path: Path) -> None:
    run = Run("generate_songplays", Paths(tmp_path), {})
    with pytest.raises(JobError, match="not a generated set"):
        generate_songplays.main(spark, run, **vars(SIZES), seed=SEED, out=tmp_path)
