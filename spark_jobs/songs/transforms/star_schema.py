"""The star schema of song plays: the fact songplays and the dimensions users, songs, artists and time."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from domain.contract.songplays import ITEM_BITS, PLAY

TRACK_DIGITS = 16  # of a hash: two of a billion tracks are equal with a chance below a tenth
NAMED = ("first_name", "last_name", "gender", "level", "location")
AGE = ("start_time", "session_id", "item_in_session", "page", "level")  # what is newer among the events of a user


def songplays(events: DataFrame, songs: DataFrame, tolerance: float) -> DataFrame:
    """The fact: a row for each play; song_id and artist_id are null where no song fits.

    A song fits when title and artist's name are equal and the duration differs by at most `tolerance` seconds; of
    several the one with the nearest duration, then the lowest id.
    """
    entries = F.collect_list(F.struct("duration", "song_id", "artist_id"))
    known = songs.groupBy("title", F.col("artist_name").alias("artist")).agg(entries.alias("entries"))
    plays = events.where(F.col("page") == PLAY).join(F.broadcast(known), on=["title", "artist"], how="left")
    match = _nearest(F.col("entries"), F.col("length"), tolerance)
    matched = plays.withColumn("match", match)
    of_text = F.concat(F.lit("t"), F.substring(F.sha1(F.concat_ws("\0", "artist", "title")), 1, TRACK_DIGITS))
    return matched.select(
        (F.shiftleft("session_id", ITEM_BITS) + F.col("item_in_session")).alias("songplay_id"),
        "start_time",
        "user_id",
        "level",
        F.col("match.song_id").alias("song_id"),
        F.col("match.artist_id").alias("artist_id"),
        "session_id",
        "item_in_session",
        "location",
        "user_agent",
        F.coalesce(F.col("match.song_id"), of_text).alias("track_id"),
        "title",
        "artist",
        "length",
        F.year("start_time").alias("year"),
        F.month("start_time").alias("month"),
    )


def _nearest(entries: Column, length: Column, tolerance: float) -> Column:
    """The best of the songs: structs are compared field by field, so by distance, then by id."""
    far = F.transform(
        entries,
        lambda entry: F.struct(
            F.abs(entry["duration"] - length).alias("distance"),
            entry["song_id"].alias("song_id"),
            entry["artist_id"].alias("artist_id"),
        ),
    )
    return F.array_min(F.filter(far, lambda each: each["distance"] <= tolerance))


def users(events: DataFrame) -> DataFrame:
    """The dimension of users who have played a song, with the level and the rest of their newest event of any page."""
    known = events.where(F.col("user_id").isNotNull())
    newest = F.max(F.struct(*AGE, *[name for name in NAMED if name not in AGE])).alias("newest")
    plays = F.count(F.when(F.col("page") == PLAY, True)).cast("int").alias("plays")
    of_users = known.groupBy("user_id").agg(newest, plays).where(F.col("plays") > 0)
    return of_users.select("user_id", *[F.col(f"newest.{name}").alias(name) for name in NAMED], "plays")


def songs(clean: DataFrame) -> DataFrame:
    """The dimension of songs."""
    return clean.select("song_id", "title", "artist_id", "year", "duration")


def artists(clean: DataFrame) -> DataFrame:
    """The dimension of artists: of each what its song with the lowest id says."""
    fields = [F.col(f"artist_{name}").alias(name) for name in ("name", "location", "latitude", "longitude")]
    first = F.min_by(F.struct(*fields), "song_id").alias("first")
    return clean.groupBy("artist_id").agg(first).select("artist_id", "first.*")


def times(plays: DataFrame) -> DataFrame:
    """The dimension of time: a row for each moment at which a play began, in UTC."""
    at = F.col("start_time")
    return (
        plays.select("start_time")
        .distinct()
        .select(
            "start_time",
            F.date_format(at, "yyyy-MM-dd").alias("date"),
            F.hour(at).alias("hour"),
            F.dayofmonth(at).alias("day"),
            F.weekofyear(at).alias("week"),
            F.month(at).alias("month"),
            F.year(at).alias("year"),
            F.weekday(at).alias("weekday"),
        )
    )


def level_changes(events: DataFrame) -> DataFrame:
    """user_id, changed_at, level_before, level: each event of a user whose level is another than that before it."""
    order = Window.partitionBy("user_id").orderBy(*AGE)
    known = events.where(F.col("user_id").isNotNull()).withColumn("level_before", F.lag("level").over(order))
    changed = known.where(F.col("level_before") != F.col("level"))
    # two events in the same millisecond: the last one stays
    last = F.max_by(F.struct("level_before", "level"), F.struct(*AGE)).alias("last")
    grouped = changed.groupBy("user_id", F.col("start_time").alias("changed_at")).agg(last)
    return grouped.select("user_id", "changed_at", "last.*")
