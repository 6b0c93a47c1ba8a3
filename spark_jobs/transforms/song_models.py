"""Which songs go together, by the sessions that have them; and plays as the ratings that implicit ALS learns from."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

MOST_IN_SESSION = 100  # different songs of a session that count, the first ones: pairs grow with the square


def co_played(plays: DataFrame, least: int, n: int) -> DataFrame:
    """The rows of similar_by_track: for each song the `n` with the highest lift of at least `least` common sessions.

    lift = P(both) / (P(one) · P(other)), each the share of sessions with these songs; of equal ones more common
    sessions, then the lower id come first. Only songs that have such a list are there.
    """
    heard = _heard(plays)
    all_sessions = heard.agg(F.countDistinct("session_id").alias("all"))
    counts = heard.groupBy("track_id").agg(F.count("*").alias("of_one"))
    # the others are in no list; numbers, which order songs as ids do, keep texts out of the shuffles of pairs
    often = counts.where(F.col("of_one") >= least)
    often = often.withColumn("one", F.row_number().over(Window.partitionBy(F.lit(0)).orderBy("track_id")))
    of_other = often.select(F.col("one").alias("other"), F.col("of_one").alias("of_other"))
    common = _common(heard.join(often.select("track_id", "one"), on="track_id", how="inner"), least)
    joined = common.join(often.select("one", "of_one"), on="one", how="inner").join(of_other, on="other", how="inner")
    lift = F.col("sessions") * F.col("all") / (F.col("of_one") * F.col("of_other"))
    best = Window.partitionBy("one").orderBy(F.desc("lift"), F.desc("sessions"), "other")
    ranked = joined.crossJoin(F.broadcast(all_sessions)).withColumn("lift", lift)
    ranked = ranked.withColumn("place", F.row_number().over(best)).where(F.col("place") <= n)
    named = ranked.join(often.select(F.col("one").alias("other"), "track_id"), on="other", how="inner")
    entries = F.sort_array(F.collect_list(F.struct("place", "track_id", "lift", "sessions"))).alias("entries")
    lists = named.groupBy("one").agg(entries).join(often.select("one", "track_id"), on="one", how="inner")
    return lists.select(
        "track_id",
        F.col("entries.track_id").alias("track_ids"),
        F.col("entries.lift").cast("array<float>").alias("lifts"),
        F.col("entries.sessions").alias("sessions"),
    )


def _heard(plays: DataFrame) -> DataFrame:
    """session_id, track_id: the different songs of each session, at most MOST_IN_SESSION."""
    first = plays.groupBy("session_id", "track_id").agg(F.min("item_in_session").alias("item"))
    order = Window.partitionBy("session_id").orderBy("item", "track_id")
    heard = first.withColumn("place", F.row_number().over(order)).where(F.col("place") <= MOST_IN_SESSION)
    return heard.select("session_id", "track_id")


def _common(heard: DataFrame, least: int) -> DataFrame:
    """one, other, sessions: both ways of each pair of numbered songs that so many sessions have."""
    others = heard.select("session_id", F.col("one").alias("other"))
    both = heard.select("session_id", "one").join(others, on="session_id", how="inner").where("one < other")
    pairs = both.groupBy("one", "other").agg(F.count("*").cast("int").alias("sessions"))
    enough = pairs.where(F.col("sessions") >= least)
    ways = F.array(F.struct("one", "other"), F.struct(F.col("other").alias("one"), F.col("one").alias("other")))
    return enough.select(F.explode(ways).alias("pair"), "sessions").select("pair.*", "sessions")


def numbered(tracks: DataFrame) -> DataFrame:
    """track_id and movie_id: 1, 2, … in the order of the track ids, as ALS knows items by numbers."""
    order = Window.partitionBy(F.lit(0)).orderBy("track_id")  # one task: a million ids take some seconds
    return tracks.select("track_id", F.row_number().over(order).alias("movie_id"))


def play_ratings(plays: DataFrame, numbers: DataFrame, nothing: float) -> DataFrame:
    """user_id, movie_id, rating: the plays of a song by a listener, above the rating that says `nothing`."""
    counts = plays.groupBy("user_id", "track_id").agg(F.count("*").alias("plays"))
    rating = (F.col("plays") + F.lit(nothing)).cast("float").alias("rating")
    return counts.join(numbers, on="track_id", how="inner").select("user_id", "movie_id", rating)


def named_lists(lists: DataFrame, numbers: DataFrame) -> DataFrame:
    """The rows of songs_by_listener from user_id, movie_ids and scores."""
    entries = lists.select("user_id", F.posexplode(F.arrays_zip("movie_ids", "scores")).alias("place", "entry"))
    flat = entries.select("user_id", "place", F.col("entry.movie_ids").alias("movie_id"), "entry.scores")
    named = flat.join(numbers, on="movie_id", how="inner")
    ordered = F.sort_array(F.collect_list(F.struct("place", "track_id", "scores"))).alias("entries")
    grouped = named.groupBy("user_id").agg(ordered)
    return grouped.select(
        "user_id", F.col("entries.track_id").alias("track_ids"), F.col("entries.scores").alias("scores")
    )
