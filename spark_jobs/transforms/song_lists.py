"""From the star schema of song plays to the rows of the tables that answer questions, without their run_id."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from domain.songplays import ALL, ARTIST, DAY, LEVEL, PLACE, SONG, WEEK

UNKNOWN_PLACE = "unknown"


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


def listeners_by_track(plays: DataFrame, users: DataFrame) -> DataFrame:
    """The rows of listeners_by_track."""
    counted = plays.groupBy("track_id", "user_id").agg(_rows("plays"))
    return counted.join(users.select("user_id", "first_name", "last_name"), on="user_id", how="inner")


def top_played(plays: DataFrame, most: int) -> DataFrame:
    """The rows of top_played_by_scope: the `most` songs and artists of every scope."""
    scoped = plays.withColumn("entry", F.explode(_scopes())).select(
        "entry.scope", "entry.value", "track_id", "title", "artist", "user_id"
    )
    of_songs = scoped.select(
        "scope", "value", F.lit(SONG).alias("kind"), F.col("track_id").alias("id"), "title", "artist", "user_id"
    )
    of_artists = scoped.select(
        "scope",
        "value",
        F.lit(ARTIST).alias("kind"),
        F.col("artist").alias("id"),
        F.lit(None).cast("string").alias("title"),
        "artist",
        "user_id",
    )
    return reduce(DataFrame.unionByName, [_best(each, most) for each in (of_songs, of_artists)])


def _best(scoped: DataFrame, most: int) -> DataFrame:
    key = ["scope", "value", "kind"]
    names = [F.min(name).alias(name) for name in ("title", "artist")]
    counted = scoped.groupBy(*key, "id").agg(*names, _rows("plays"), _different_users())
    order = Window.partitionBy(*key).orderBy(F.desc("plays"), "id")
    return counted.withColumn("place", F.row_number().over(order)).where(F.col("place") <= most)


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
