"""Songs that go together, counted in many tasks and blocks."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.songs import companions
from spark_jobs.songs.companions import co_played
from spark_jobs.songs.transforms.models import MOST_IN_SESSION

PLAYS = "session_id long, item_in_session int, track_id string"


def plays_of(spark: SparkSession, sessions: dict[int, list[str]]) -> DataFrame:
    rows = [(session, item, track) for session, tracks in sessions.items() for item, track in enumerate(tracks)]
    return spark.createDataFrame(rows, PLAYS).repartition(3)


def lists_of(plays: DataFrame, least: int, n: int) -> dict[str, list[tuple[str, float, int]]]:
    rows = co_played(plays.sparkSession, plays, least, n).collect()
    return {row.track_id: list(zip(row.track_ids, row.lifts, row.sessions, strict=True)) for row in rows}


def test_a_song_twice_in_a_session_counts_once_and_ties_go_by_id(spark: SparkSession) -> None:
    plays = plays_of(spark, {1: ["b", "a", "b", "ü"], 2: ["a", "b"], 3: ["c"], 4: ["a", "c", "b"]})
    assert lists_of(plays, 2, 9) == {"a": [("b", pytest.approx(4 / 3), 3)], "b": [("a", pytest.approx(4 / 3), 3)]}
    first = lists_of(plays, 1, 2)
    assert [track for track, _, _ in first["ü"]] == ["a", "b"]
    assert [track for track, _, _ in first["c"]] == ["a", "b"]


def test_the_first_songs_of_a_session_count_wherever_they_are_played_again(spark: SparkSession) -> None:
    tracks = [f"{number:03}" for number in range(MOST_IN_SESSION + 1)]
    found = lists_of(plays_of(spark, {1: [*tracks, tracks[0]], 2: tracks[-2:]}), 1, MOST_IN_SESSION)
    assert len(found["000"]) == MOST_IN_SESSION - 1
    assert found[tracks[-1]] == [(tracks[-2], pytest.approx(2 / (1 * 2)), 1)]


def test_blocks_and_tasks_change_no_list(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    plays = plays_of(spark, {session: [f"t{(session * k) % 11}" for k in range(1, 7)] for session in range(40)})
    whole = lists_of(plays, 2, 5)
    monkeypatch.setattr(companions, "PLAYS_A_TASK", 40)
    assert len(whole) > 5
    assert lists_of(plays, 2, 5) == whole
