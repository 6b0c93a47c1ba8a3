"""Rows of tables whose lists are cut into blocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.songplays import LISTED
from spark_jobs.songs.transforms.star_schema import times
from spark_jobs.songs.transforms.table_rows import PLAY_LISTS, listeners_by_track, songplays_by_session, times_by_day

BEGAN = datetime(2018, 11, 30, 23, 59, tzinfo=UTC)
PLAYS = (
    "session_id long, item_in_session int, start_time timestamp, user_id int, level string, song_id string,"
    " artist_id string, location string, user_agent string, track_id string, title string, artist string, length double"
)


def plays_of(spark: SparkSession, items: list[int], user_ids: list[int]) -> DataFrame:
    """One session and song; each play begins ten seconds after that of the item before it."""
    rows = [
        (
            7,
            item,
            BEGAN + timedelta(seconds=10 * item),
            user,
            "free",
            None,
            None,
            None,
            f"agent {item}",
            "t1",
            "T",
            "A",
            1.5,
        )
        for item, user in zip(items, user_ids, strict=True)
    ]
    return spark.createDataFrame(rows, PLAYS)


def test_a_session_is_cut_by_the_number_of_the_item_and_what_a_play_has_not_is_empty(spark: SparkSession) -> None:
    items = [2 * LISTED, 3, 0, LISTED - 1, LISTED]
    plays = plays_of(spark, items, [1, 2, 3, 4, 5])
    rows = sorted(songplays_by_session(plays).collect(), key=lambda row: row.block)
    assert [(row.session_id, row.block, row["items"]) for row in rows] == [
        (7, 0, [0, 3, LISTED - 1]),
        (7, 1, [LISTED]),
        (7, 2, [2 * LISTED]),
    ]
    assert [row.user_ids for row in rows] == [[3, 2, 4], [5], [1]]
    assert (rows[0].song_ids, rows[0].locations) == (["", "", ""], ["", "", ""])
    assert rows[0].user_agents == ["agent 0", "agent 3", f"agent {LISTED - 1}"]
    assert all(len(row[name]) == len(row["items"]) for row in rows for name in PLAY_LISTS.values())


def test_listeners_of_a_song_are_cut_by_place(spark: SparkSession) -> None:
    users = [*range(1, LISTED + 3), LISTED + 2, 5]
    rows = listeners_by_track(plays_of(spark, list(range(len(users))), users)).orderBy("block").collect()
    expected = [5, LISTED + 2, *(user for user in range(1, LISTED + 2) if user != 5)]
    assert [row.block for row in rows] == [0, 1]
    assert [user for row in rows for user in row.user_ids] == expected
    assert [len(row.user_ids) for row in rows] == [LISTED, 2]
    assert rows[0].plays[:3] == [2, 2, 1]


def test_moments_are_listed_once_by_their_minute(spark: SparkSession) -> None:
    plays = plays_of(spark, [0, 1, 6, 7], [1, 1, 1, 1])
    rows = times_by_day(times(plays.unionByName(plays))).orderBy("date").collect()
    found = [(row.date, row.hour, row.minute, row.weekday, len(row.start_times)) for row in rows]
    assert found == [("2018-11-30", 23, 59, 4, 2), ("2018-12-01", 0, 0, 5, 2)]
    assert all(sorted(row.start_times) == row.start_times for row in rows)


@pytest.mark.parametrize(("lists", "key"), [(songplays_by_session, "session_id"), (listeners_by_track, "track_id")])
def test_all_blocks_of_a_partition_come_from_one_task(
    spark: SparkSession, lists: Callable[[DataFrame], DataFrame], key: str
) -> None:
    """`build_songplays.GATHERED` counts on it."""
    items = list(range(LISTED + 1))
    ids = spark.range(8).select(F.col("id").alias("session_id"), F.concat(F.lit("t"), "id").alias("track_id"))
    plays = plays_of(spark, items, items).drop("session_id", "track_id").crossJoin(ids).repartition(3)
    spark.conf.set("spark.sql.adaptive.enabled", "false")  # which puts small tasks together
    try:
        found = lists(plays).select(key, "block", F.spark_partition_id().alias("task")).collect()
    finally:
        spark.conf.set("spark.sql.adaptive.enabled", "true")
    assert len(found) == 16
    assert len({row.task for row in found}) > 1
    assert len({(row[key], row.task) for row in found}) == 8
