"""Rows of the tables that answer questions on song plays, without their run_id, from the star schema."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from domain.contract.songplays import ALL, ARTIST, DAY, LEVEL, LISTED, PLACE, SONG, WEEK

UNKNOWN_PLACE = "unknown"
OPTIONAL = ("song_id", "artist_id", "location", "user_agent")  # of a play
# column of a play → list of a session
PLAY_LISTS = {
    "item_in_session": "items",
    "start_time": "start_times",
    "user_id": "user_ids",
    "level": "levels",
    "song_id": "song_ids",
    "artist_id": "artist_ids",
    "location": "locations",
    "user_agent": "user_agents",
    "track_id": "track_ids",
    "title": "titles",
    "artist": "artists",
    "length": "lengths",
}


def songplays_by_session(plays: DataFrame) -> DataFrame:
    """The rows of songplays_by_session: a list cannot hold null, so what a play has not is empty."""
    block = (F.col("item_in_session") / LISTED).cast("int").alias("block")
    texts = [F.coalesce(name, F.lit("")).alias(name) for name in OPTIONAL]
    others = [name for name in PLAY_LISTS if name not in OPTIONAL]
    # by session before it is grouped, so that the plays are shuffled once and not sorted before that
    of_sessions = plays.select("session_id", block, *others, *texts).repartition("session_id")
    return _lists(of_sessions, ["session_id", "block"], PLAY_LISTS)


def times_by_day(times: DataFrame) -> DataFrame:
    """The rows of times_by_day."""
    key = [name for name in times.columns if name != "start_time"]
    return _lists(times.withColumn("minute", F.minute("start_time")), [*key, "minute"], {"start_time": "start_times"})


def _lists(rows: DataFrame, key: list[str], lists: dict[str, str]) -> DataFrame:
    """A row for each key: a list for each column of `lists`, under the name it has there, by the first of them."""
    entries = F.array_sort(F.collect_list(F.struct(*lists))).alias("entries")
    grouped = rows.groupBy(*key).agg(entries)
    return grouped.select(*key, *[F.col(f"entries.{name}").alias(named) for name, named in lists.items()])


def sessions_by_user(plays: DataFrame) -> DataFrame:
    """The rows of sessions_by_user."""
    began = F.min("start_time").alias("began_at")
    return plays.groupBy("user_id", "session_id").agg(began, _rows("plays"))


def tracks(plays: DataFrame) -> DataFrame:
    """The rows of tracks_by_id."""
    return plays.groupBy("track_id").agg(
        *[F.min(name).alias(name) for name in ("title", "artist", "song_id", "artist_id")],
        _rows("plays"),
        _different_users(),
    )


def tracks_by_title(of_tracks: DataFrame) -> DataFrame:
    """The rows of tracks_by_title."""
    return of_tracks.select(F.lower("title").alias("title_key"), "plays", "track_id", "title", "artist")


def listeners_by_track(plays: DataFrame) -> DataFrame:
    """The rows of listeners_by_track."""
    counted = plays.groupBy("track_id", "user_id").agg(_rows("plays"))
    order = Window.partitionBy("track_id").orderBy(F.desc("plays"), "user_id")
    placed = counted.withColumn("place", F.row_number().over(order))
    blocks = placed.withColumn("block", ((F.col("place") - 1) / LISTED).cast("int"))
    lists = {"place": "places", "user_id": "user_ids", "plays": "plays"}
    return _lists(blocks, ["track_id", "block"], lists).drop("places")


def top_played(plays: DataFrame, of_tracks: DataFrame, most: int) -> DataFrame:
    """The rows of top_played_by_scope: the `most` songs and artists of every scope."""
    titles = of_tracks.select(F.col("track_id").alias("id"), "title", "artist")
    songs = _best(plays, "track_id", most).join(titles, on="id", how="inner").withColumn("kind", F.lit(SONG))
    artists = _best(plays, "artist", most).withColumns(
        {"title": F.lit(None).cast("string"), "artist": F.col("id"), "kind": F.lit(ARTIST)}
    )
    return songs.unionByName(artists)


def _best(plays: DataFrame, name: str, most: int) -> DataFrame:
    """scope, value, place, id, plays, listeners; only of what has a place are the listeners counted.

    Each play is in five scopes, so what is shuffled has no text but the id, and plays are summed before it.
    """
    scoped = plays.select(F.explode(_scopes()).alias("in"), F.col(name).alias("id"), "user_id")
    scoped = scoped.select("in.scope", "in.value", "id", "user_id")
    order = Window.partitionBy("scope", "value").orderBy(F.desc("plays"), "id")
    counted = scoped.groupBy("scope", "value", "id").agg(_rows("plays"))
    best = counted.withColumn("place", F.row_number().over(order)).where(F.col("place") <= most)
    key = ["scope", "value", "id"]
    listeners = scoped.join(F.broadcast(best.select(*key)), on=key, how="left_semi").groupBy(*key)
    return best.join(listeners.agg(_different_users()), on=key, how="inner")


def _scopes() -> Column:
    at = F.col("start_time")
    # the Thursday of a week is in the year that ISO counts the week to
    iso_year = F.year(F.date_add(F.to_date(at), F.lit(3) - F.weekday(at)))
    week = F.format_string("%d-W%02d", iso_year, F.weekofyear(at))
    values = {
        ALL: F.lit(ALL),
        DAY: F.date_format(at, "yyyy-MM-dd"),
        WEEK: week,
        PLACE: _place(),
        LEVEL: F.col("level"),
    }
    return F.array(*[F.struct(F.lit(name).alias("scope"), value.alias("value")) for name, value in values.items()])


def figures(plays: DataFrame) -> dict[str, DataFrame]:
    """What /songs draws, by name: of each day, hour, weekday (0 Monday) and place its plays, free and paid."""
    at = F.col("start_time")
    by = {"day": F.date_format(at, "yyyy-MM-dd"), "hour": F.hour(at), "weekday": F.weekday(at), "place": _place()}
    levels = [F.count(F.when(F.col("level") == level, True)).alias(level) for level in ("free", "paid")]
    return {name: plays.groupBy(value.alias(name)).agg(*levels).orderBy(name) for name, value in by.items()}


def _place() -> Column:
    return F.coalesce(F.col("location"), F.lit(UNKNOWN_PLACE))


def _rows(name: str) -> Column:
    return F.count("*").cast("int").alias(name)


def _different_users() -> Column:
    return F.countDistinct("user_id").cast("int").alias("listeners")
