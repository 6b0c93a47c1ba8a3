"""Clean songs and events from the objects of the song and log data: each is accepted, or rejected with a reason.

Frames of objects have `file`, the `line` that one begins in, its place `in_line` (1, 2, …), `text`, `is_utf8` and
`is_one` (not where it is broken, or something else follows it). Fields are read as texts, so that a number may be
written in any way: 39, 39.0, "39", 1.54e12.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from domain.cleaning.reasons import Reason
from domain.contract.songplays import (
    LEVELS,
    LONGEST,
    LONGEST_AGENT,
    LONGEST_ID,
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_SESSIONS,
    PLAY,
)
from spark_jobs.frames import written
from spark_jobs.frames.csv_lines import FAULT, Rule, first_fault, is_plausible_time, judged

# to be raised with any change of what is clean, or of what clean rows hold: rows of other rules are not taken over
RULES = 2
# the fields that are used; what else an object has may be of any type: copies of the public set differ there
SONG_FIELDS = (
    *("artist_id", "artist_latitude", "artist_longitude", "artist_location", "artist_name"),
    *("song_id", "title", "duration", "year"),
)
EVENT_FIELDS = (
    *("artist", "firstName", "gender", "itemInSession", "lastName", "length", "level", "location", "page"),
    *("sessionId", "song", "ts", "userAgent", "userId"),
)
LINES = "file string, line long, in_line int, text string, is_utf8 boolean, is_one boolean"
GOOD_LINE = ("is_utf8", "is_one")
SONG_ID = rf"\A[A-Za-z0-9_-]{{1,{LONGEST_ID}}}\z"
FIRST_YEAR, LAST_YEAR = 1870, 2100
LARGEST_ID = 2**31 - 1  # ALS keeps ids in 32 bits
SHORT_TEXTS = ("song", "artist", "firstName", "lastName", "gender", "location", "page", "level")
KEY = ("session_id", "item_in_session")
NOT_COUNTED = ("file", "line", "in_line", "text", *FAULT)
NAN = '^"-?NaN"$'  # what Spark makes of a bare NaN, which Python writes where other programs have null


def check_songs(lines: DataFrame) -> DataFrame:
    """A row for each object: the columns of a song, see NOT_COUNTED; `reason` is null for a good one."""
    rows = _parsed(lines, SONG_FIELDS)
    year, duration = _whole("year"), _number("duration")
    latitude, longitude = _number("artist_latitude"), _number("artist_longitude")
    checked = _with_fault(
        rows,
        *[_rule(Reason.MISSING_FIELD, name, _is_empty(name)) for name in ("song_id", "artist_id")],
        _rule(Reason.MISSING_FIELD, "duration", _is_missing("duration")),
        _rule(Reason.NOT_A_NUMBER, "year", ~(_is_missing("year") | written.is_whole(_raw("year")))),
        *_no_numbers("duration", "artist_latitude", "artist_longitude"),
        _rule(Reason.EMPTY_TITLE, "title", _is_empty("title")),
        *[_rule(Reason.BAD_CATALOGUE_ID, name, ~_text(name).rlike(SONG_ID)) for name in ("song_id", "artist_id")],
        _rule(Reason.EMPTY_NAME, "artist_name", _is_empty("artist_name")),
        *_too_long(LONGEST_TEXT, "title", "artist_name", "artist_location"),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "duration", ~duration.between(0.0, LONGEST)),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "year", _is_outside("year", FIRST_YEAR, LAST_YEAR) & ~year.eqNullSafe(0)),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "artist_latitude", ~latitude.between(-90.0, 90.0)),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "artist_longitude", ~longitude.between(-180.0, 180.0)),
    )
    return checked.select(
        _text("song_id").alias("song_id"),
        _text("title").alias("title"),
        _text("artist_id").alias("artist_id"),
        _text("artist_name").alias("artist_name"),
        _text("artist_location").alias("artist_location"),
        latitude.alias("artist_latitude"),
        longitude.alias("artist_longitude"),
        F.nullif(year, F.lit(0)).cast("int").alias("year"),
        duration.alias("duration"),
        *NOT_COUNTED,
    )


def first_songs(songs: DataFrame) -> DataFrame:
    """Good `songs` with `reason`: of several with one id that whose values sort first stays, whatever their order."""
    return _first_of_each(songs, [F.col("song_id")])


def check_events(lines: DataFrame, until: int) -> DataFrame:
    """A row for each object: the columns of an event, see NOT_COUNTED; `reason` is null for a good one.

    `until` is the latest plausible time (Unix seconds). What a play needs is asked of plays only.
    """
    rows = _parsed(lines, EVENT_FIELDS).withColumn("seconds", written.seconds(_raw("ts")))
    is_play, is_known = F.coalesce(_text("page") == PLAY, F.lit(False)), ~_is_missing("userId")
    user, item, session, length = _whole("userId"), _whole("itemInSession"), _whole("sessionId"), _number("length")
    is_plausible = is_plausible_time(F.col("seconds"), until)
    of_play = {"song": _is_empty("song"), "artist": _is_empty("artist"), "length": _is_missing("length")}
    of_play["userId"] = ~is_known
    checked = _with_fault(
        rows,
        _rule(Reason.MISSING_FIELD, "page", _is_empty("page")),
        *[_rule(Reason.MISSING_FIELD, name, _is_missing(name)) for name in ("ts", "sessionId", "itemInSession")],
        *[_rule(Reason.MISSING_FIELD, name, is_play & is_absent) for name, is_absent in of_play.items()],
        _rule(Reason.MISSING_FIELD, "level", is_known & _is_empty("level")),
        *[
            _rule(Reason.NOT_A_NUMBER, name, ~_is_missing(name) & ~written.is_whole(_raw(name)))
            for name in ("userId", "sessionId", "itemInSession")
        ],
        *_no_numbers("length"),
        _rule(Reason.NOT_A_TIME, "ts", F.col("seconds").isNull()),
        _rule(Reason.ID_OUT_OF_RANGE, "userId", is_known & _is_outside("userId", 0, LARGEST_ID)),
        _rule(Reason.TIME_OUT_OF_RANGE, "ts", ~is_plausible),
        _rule(Reason.UNKNOWN_LEVEL, "level", is_known & ~_text("level").isin(*LEVELS)),
        *_too_long(LONGEST_TEXT, *SHORT_TEXTS),
        *_too_long(LONGEST_AGENT, "userAgent"),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "itemInSession", _is_outside("itemInSession", 0, MOST_ITEMS - 1)),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "sessionId", _is_outside("sessionId", 0, MOST_SESSIONS - 1)),
        _rule(Reason.FIGURE_OUT_OF_RANGE, "length", is_play & ~length.between(0.0, LONGEST)),
    )
    millis = F.round(F.col("seconds") * 1000).cast("long")
    return checked.select(
        session.alias("session_id"),
        F.when(item.between(0, MOST_ITEMS - 1), item.cast("int")).alias("item_in_session"),
        F.when(is_plausible, F.timestamp_millis(millis)).alias("start_time"),  # Spark fails on years it cannot write
        F.when(user.between(0, LARGEST_ID), user.cast("int")).alias("user_id"),
        _text("page").alias("page"),
        _text("level").alias("level"),
        _text("song").alias("title"),
        _text("artist").alias("artist"),
        F.when(~_is_missing("length"), length).alias("length"),
        _text("firstName").alias("first_name"),
        _text("lastName").alias("last_name"),
        _text("gender").alias("gender"),
        _text("location").alias("location"),
        _text("userAgent").alias("user_agent"),
        *NOT_COUNTED,
    )


def first_events(events: DataFrame) -> DataFrame:
    """Good `events` with `reason`: all but one event of each kind are duplicates, whatever their order.

    A session has one play for each item; plays of it by other users than that of the one which stays are conflicts.
    Other pages may be logged by several requests, so they are the same only when user, time and page are.
    """
    other = F.concat_ws("|", "user_id", F.col("start_time").cast("double"), "page")
    kind = F.when(F.col("page") == PLAY, F.lit(PLAY)).otherwise(other)
    return _first_of_each(events, [*map(F.col, KEY), kind], owner="user_id")


def _parsed(lines: DataFrame, fields: Sequence[str]) -> DataFrame:
    """The objects with `json`, its `fields` as texts, and `corrupt`: not null where the text is no JSON."""
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "corrupt"}
    schema = ", ".join(f"{name} string" for name in (*fields, "corrupt"))
    return lines.withColumn("json", F.from_json("text", schema, options))


def _with_fault(rows: DataFrame, *rules: Rule) -> DataFrame:
    whole_line = (
        Rule(Reason.BLANK_LINE, F.trim("text") == ""),
        Rule(Reason.INVALID_ENCODING, ~F.col("is_utf8")),
        Rule(Reason.NOT_JSON, F.col("json").isNull() | F.col("json.corrupt").isNotNull() | ~F.col("is_one")),
    )
    return judged(rows.withColumn("fault", first_fault(*whole_line, *rules)))


def _rule(reason: Reason, name: str, condition: Column) -> Rule:
    """Rejects an object for a field."""
    return Rule(reason, condition, name, _raw(name))


def _no_numbers(*names: str) -> list[Rule]:
    """Reject numbers that are none, which may be missing."""
    return [_rule(Reason.NOT_A_NUMBER, name, ~(_is_missing(name) | written.is_number(_raw(name)))) for name in names]


def _too_long(most: int, *names: str) -> list[Rule]:
    """Reject texts that have more characters."""
    return [_rule(Reason.TOO_LONG, name, F.length(_text(name)) > most) for name in names]


def _first_of_each(rows: DataFrame, keys: list[Column], owner: str | None = None) -> DataFrame:
    """`rows` with `reason`: null for the first of each key by its values, duplicate for the others.

    With an `owner` those that differ in this column from the first are conflicts.
    """
    values = [name for name in rows.columns if name not in NOT_COUNTED]
    # earliest first; the file comes last, so that names of files decide between equal rows only
    early = [name for name in ("start_time",) if name in values]
    order = Window.partitionBy(*keys).orderBy(
        *early, *[name for name in values if name not in early], "file", "line", "in_line"
    )
    so_far = order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    repeated = F.lit(str(Reason.DUPLICATE))
    if owner is not None:
        repeated = F.when(F.first(owner).over(so_far) != F.col(owner), F.lit(str(Reason.CONFLICT))).otherwise(repeated)
    return rows.withColumn("reason", F.when(F.row_number().over(so_far) > 1, repeated))


def _raw(name: str) -> Column:
    return F.col(f"json.{name}")


def _whole(name: str) -> Column:
    return written.whole(_raw(name))


def _number(name: str) -> Column:
    """The number; null where none is written, or an infinite one."""
    return F.when(written.is_number(_raw(name)), written.number(_raw(name)))


def _is_missing(name: str) -> Column:
    """Whether a number or time is absent, null, NaN, empty, …"""
    return _raw(name).isNull() | written.is_missing(_raw(name)) | _raw(name).rlike(NAN)


def _is_outside(name: str, low: int, high: int) -> Column:
    """Whether a whole number that is there is not between two others; one that does not fit 64 bits is null."""
    return ~F.coalesce(_whole(name).between(low, high), F.lit(False)) & ~_is_missing(name)


def _text(name: str) -> Column:
    """The field without spaces around it; null where nothing is left, or NaN stands for that."""
    text = F.nullif(F.trim(_raw(name)), F.lit(""))
    return F.when(~text.rlike(NAN), text)


def _is_empty(name: str) -> Column:
    return _text(name).isNull()
