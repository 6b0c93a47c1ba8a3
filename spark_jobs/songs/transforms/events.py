"""Clean songs and events from lines of the song and log data: each line is accepted, or rejected with a reason.

Frames of lines have `file`, `line` (1, 2, …), `text`, `is_utf8` and `is_one` (no text after its JSON object).
"""

from __future__ import annotations

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
from spark_jobs.frames.csv_lines import first_reason, is_plausible_time

# to be raised with any change of what is clean, or of what clean rows hold: rows of other rules are not taken over
RULES = 1
# the fields that are used; what else a line has may be of any type: copies of the public set differ there
SONG_JSON = (
    "artist_id string, artist_latitude double, artist_longitude double, artist_location string, artist_name string,"
    " song_id string, title string, duration double, year int"
)
EVENT_JSON = (
    "artist string, firstName string, gender string, itemInSession int, lastName string, length double, level string,"
    " location string, page string, sessionId long, song string, ts long, userAgent string, userId string"
)
LINES = "file string, line long, text string, is_utf8 boolean, is_one boolean"
GOOD_LINE = ("is_utf8", "is_one")
SONG_ID = rf"\A[A-Za-z0-9_-]{{1,{LONGEST_ID}}}\z"
WHOLE_NUMBER = r"^[0-9]{1,20}(\.0)?$"  # 39, "39", and the 39.0 of a copy that pandas wrote
FIRST_YEAR, LAST_YEAR = 1870, 2100
LARGEST_ID = 2**31 - 1  # ALS keeps ids in 32 bits
SHORT_TEXTS = ("song", "artist", "firstName", "lastName", "gender", "location", "page", "level")
KEY = ("session_id", "item_in_session")
NOT_COUNTED = ("file", "line", "text", "reason")


def check_songs(lines: DataFrame) -> DataFrame:
    """A row for each line: the columns of a song, `reason` (null for a good one), `file`, `line`, `text`."""
    rows = _parsed(lines, SONG_JSON)
    year, latitude, longitude = (F.col(f"json.{name}") for name in ("year", "artist_latitude", "artist_longitude"))
    checked = _with_reason(
        rows,
        (Reason.MISSING_FIELD, _is_empty("song_id") | _is_empty("artist_id") | F.col("json.duration").isNull()),
        (Reason.EMPTY_TITLE, _is_empty("title")),
        (Reason.BAD_CATALOGUE_ID, ~_text("song_id").rlike(SONG_ID) | ~_text("artist_id").rlike(SONG_ID)),
        (Reason.EMPTY_NAME, _is_empty("artist_name")),
        (Reason.TOO_LONG, _is_longer(LONGEST_TEXT, "title", "artist_name", "artist_location")),
        (Reason.FIGURE_OUT_OF_RANGE, ~F.col("json.duration").between(0.0, LONGEST)),
        (Reason.FIGURE_OUT_OF_RANGE, ~(year.between(FIRST_YEAR, LAST_YEAR) | (year == 0))),
        (Reason.FIGURE_OUT_OF_RANGE, ~latitude.between(-90.0, 90.0) | ~longitude.between(-180.0, 180.0)),
    )
    return checked.select(
        _text("song_id").alias("song_id"),
        _text("title").alias("title"),
        _text("artist_id").alias("artist_id"),
        _text("artist_name").alias("artist_name"),
        _text("artist_location").alias("artist_location"),
        latitude.alias("artist_latitude"),
        longitude.alias("artist_longitude"),
        F.nullif(year, F.lit(0)).alias("year"),
        F.col("json.duration").alias("duration"),
        *NOT_COUNTED,
    )


def first_songs(songs: DataFrame) -> DataFrame:
    """Good `songs` with `reason`: of several with one id that whose values sort first stays, whatever their order."""
    return _first_of_each(songs, [F.col("song_id")])


def check_events(lines: DataFrame, until: int) -> DataFrame:
    """A row for each line: the columns of an event, `reason` (null for a good one), `file`, `line`, `text`.

    `until` is the latest plausible time (Unix seconds). What a play needs is asked of plays only.
    """
    rows = _parsed(lines, EVENT_JSON)
    is_play, user = F.col("json.page") == PLAY, F.trim("json.userId")
    is_known = user != ""
    number = user.cast("decimal(20,0)")
    missing = [F.col(f"json.{name}").isNull() for name in ("page", "ts", "sessionId", "itemInSession")]
    nobody = ~F.coalesce(is_known, F.lit(False))
    of_play = _is_empty("song") | _is_empty("artist") | F.col("json.length").isNull() | nobody
    item, session = F.col("json.itemInSession"), F.col("json.sessionId")
    is_plausible = is_plausible_time(F.col("json.ts") / 1000, until)
    in_range = (item >= 0) & (item < MOST_ITEMS) & (session >= 0) & (session < MOST_SESSIONS)
    checked = _with_reason(
        rows,
        (Reason.MISSING_FIELD, missing[0] | missing[1] | missing[2] | missing[3]),
        (Reason.MISSING_FIELD, (is_play & of_play) | (is_known & _is_empty("level"))),
        (Reason.NOT_A_NUMBER, is_known & ~user.rlike(WHOLE_NUMBER)),
        (Reason.ID_OUT_OF_RANGE, is_known & ~number.between(1, LARGEST_ID)),
        (Reason.TIME_OUT_OF_RANGE, ~is_plausible),
        (Reason.UNKNOWN_LEVEL, is_known & ~F.col("json.level").isin(*LEVELS)),
        (Reason.TOO_LONG, _is_longer(LONGEST_TEXT, *SHORT_TEXTS) | _is_longer(LONGEST_AGENT, "userAgent")),
        (Reason.FIGURE_OUT_OF_RANGE, ~in_range | (is_play & ~F.col("json.length").between(0.0, LONGEST))),
    )
    return checked.select(
        session.alias("session_id"),
        item.alias("item_in_session"),
        F.when(is_plausible, F.timestamp_millis("json.ts")).alias("start_time"),  # Spark fails on years it cannot write
        F.when(is_known, number.cast("int")).alias("user_id"),
        F.col("json.page").alias("page"),
        F.col("json.level").alias("level"),
        _text("song").alias("title"),
        _text("artist").alias("artist"),
        F.col("json.length").alias("length"),
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


def _parsed(lines: DataFrame, schema: str) -> DataFrame:
    """The lines with `json`, its fields those of `schema`, and `corrupt`: not null where the text does not fit."""
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "corrupt"}
    return lines.withColumn("json", F.from_json("text", f"{schema}, corrupt string", options))


def _with_reason(rows: DataFrame, *rules: tuple[Reason, Column]) -> DataFrame:
    whole_line = (
        (Reason.INVALID_ENCODING, ~F.col("is_utf8")),
        (Reason.BLANK_LINE, F.trim("text") == ""),
        (Reason.NOT_JSON, F.col("json").isNull() | F.col("json.corrupt").isNotNull() | ~F.col("is_one")),
    )
    return rows.withColumn("reason", first_reason(*whole_line, *rules))


def _first_of_each(rows: DataFrame, keys: list[Column], owner: str | None = None) -> DataFrame:
    """`rows` with `reason`: null for the first of each key by its values, duplicate for the others.

    With an `owner` those that differ in this column from the first are conflicts.
    """
    values = [name for name in rows.columns if name not in NOT_COUNTED]
    # earliest first; the file comes last, so that names of files decide between equal rows only
    early = [name for name in ("start_time",) if name in values]
    order = Window.partitionBy(*keys).orderBy(*early, *[name for name in values if name not in early], "file", "line")
    so_far = order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    repeated = F.lit(str(Reason.DUPLICATE))
    if owner is not None:
        repeated = F.when(F.first(owner).over(so_far) != F.col(owner), F.lit(str(Reason.CONFLICT))).otherwise(repeated)
    return rows.withColumn("reason", F.when(F.row_number().over(so_far) > 1, repeated))


def _text(name: str) -> Column:
    """The field without spaces around it; null where nothing is left."""
    return F.nullif(F.trim(f"json.{name}"), F.lit(""))


def _is_longer(most: int, *names: str) -> Column:
    """Whether one of the fields has more characters than `most`."""
    return F.greatest(*[F.length(_text(name)) for name in names], F.lit(0)) > most


def _is_empty(name: str) -> Column:
    return _text(name).isNull()
