"""What the four files have in common: from raw lines to fields, and from fields to numbers, with the first reason
why a line is rejected.

Frames of lines have the columns `position` (see raw_files), `text` (the line as text) and `reason` (null while the line
is accepted).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType

from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.reasons import Reason

WHOLE, DECIMAL = "-?[0-9]+", r"-?[0-9]+(\.[0-9]+)?"  # how numbers are written; neither has an exponent
WHOLE_OR_EMPTY = f"({WHOLE})?"
FIRST_TIME = 788_918_400  # 1995-01-01 UTC in seconds
_CONTROL = r"[\x00-\x08\x0A-\x1F\x7F]"
_CONTROL_IN_RECORD = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"  # its fields may have line ends
_QUOTED_NUMBER = r'(?<=^|,)"([^",]*)"(?=,|$)'

_split_quoted = F.udf(csv_fields, ArrayType(StringType()), useArrow=True)


def first_reason(*rules: tuple[Reason, Column]) -> Column:
    """The reason of the first rule whose condition is true; a condition that is null is not true."""
    return F.coalesce(*[F.when(condition, F.lit(str(reason))) for reason, condition in rules])


def also_rejected(rows: DataFrame, *rules: tuple[Reason, Column]) -> DataFrame:
    """`rows` with the reasons of more rules for those that are accepted so far."""
    return rows.withColumn("reason", F.coalesce("reason", first_reason(*rules)))


def decode_lines(lines: DataFrame, records: bool = False, simple: Column | None = None) -> DataFrame:
    """Position and raw bytes to position, text without its line end, and the reasons that concern whole lines.

    Bytes that are not UTF-8 become U+FFFD in the text. Where they are `records`, line ends inside are no control
    characters. Lines that are `simple` are known to be good ASCII.
    """
    known = F.lit(False) if simple is None else simple
    text = F.when(known, F.col("value").cast("string")).otherwise(F.decode("value", "UTF-8"))
    decoded = lines.withColumn("text", text)
    rejected = decoded.withColumn("invalid", F.when(~known, F.encode("text", "UTF-8") != F.col("value")))
    without_end = F.when(F.col("text").endswith("\r"), F.regexp_replace("text", r"\r\z", "")).otherwise(F.col("text"))
    reason = first_reason(
        (Reason.BLANK_LINE, F.trim("text") == ""),
        (Reason.INVALID_ENCODING, F.col("invalid")),
        (Reason.CONTROL_CHARACTER, F.col("text").rlike(_CONTROL_IN_RECORD if records else _CONTROL)),
    )
    kept = [name for name in lines.columns if name != "value"]
    return rejected.withColumn("text", without_end).select(*kept, "text", F.when(~known, reason).alias("reason"))


def with_fields(rows: DataFrame, count: int) -> DataFrame:
    """`rows` with their `fields` by RFC 4180, in Python tasks: for files with quoted text."""
    return _checked_fields(rows.withColumn("fields", _split_quoted("text")), F.col("fields").isNull(), count)


def with_number_fields(lines: DataFrame, *forms: str) -> DataFrame:
    """Lines of numbers with their `fields`, each written in its form (WHOLE, …), without Python: none has a comma.

    One look finds that most lines have these forms and nothing else. The others are decoded and looked at from all
    sides, which costs several times as much.
    """
    written = "^" + ",".join(forms)
    simple = F.col("simple")
    seen = lines.withColumn("simple", F.col("value").cast("string").rlike(written + r"\r?\z"))
    rows = decode_lines(seen, simple=simple)
    quoted = F.col("text").contains('"')
    plain = F.when(quoted, F.regexp_replace("text", _QUOTED_NUMBER, "$1")).otherwise(F.col("text"))
    split = rows.withColumn("plain", plain).withColumn("fields", F.split("plain", ",", len(forms) + 1))
    checked = _checked_fields(split, F.col("plain").contains('"'), len(forms))
    not_numbers = ~simple & ~F.col("plain").rlike(written + r"\z")
    return also_rejected(checked, (Reason.NOT_A_NUMBER, not_numbers)).drop("simple", "plain")


def _checked_fields(rows: DataFrame, broken_quotes: Column, count: int) -> DataFrame:
    return also_rejected(
        rows,
        (Reason.BROKEN_QUOTES, broken_quotes),
        (Reason.MISSING_FIELD, F.size("fields") < count),
        (Reason.SURPLUS_FIELD, F.size("fields") > count),
    )


def field(index: int) -> Column:
    """One of the `fields`, null where the line has no such field."""
    return F.get("fields", F.lit(index))


def is_whole(text: Column) -> Column:
    """Whether a field is written as a whole number."""
    return text.rlike(rf"^{WHOLE}\z")  # `$` would let a line end follow


def is_decimal(text: Column) -> Column:
    """Whether a field is written as a decimal number, without exponent."""
    return text.rlike(rf"^{DECIMAL}\z")


def is_id(number: Column) -> Column:
    """Whether an integer is a valid id; one that does not fit 32 bits has become null."""
    return F.coalesce(number > 0, F.lit(False))


def is_plausible_time(seconds: Column, until: int) -> Column:
    """Whether seconds since 1970 lie between 1995 and `until`; seconds that do not fit 64 bits have become null."""
    return F.coalesce(seconds.between(FIRST_TIME, until), F.lit(False))


def time_of(seconds: Column, until: int) -> Column:
    """A plausible time as a timestamp, any other as null: Spark fails on seconds whose microseconds overflow."""
    return F.when(is_plausible_time(seconds, until), F.timestamp_seconds(seconds))


def reject_unknown_movies(rows: DataFrame, movies: DataFrame) -> DataFrame:
    """Reject accepted rows whose `movie_id` is not among those of the clean `movies`."""
    known = F.broadcast(movies.select("movie_id", F.lit(True).alias("known")))  # 84k ids in the full data set
    joined = rows.join(known, on="movie_id", how="left")
    return also_rejected(joined, (Reason.UNKNOWN_MOVIE, F.col("known").isNull())).drop("known")


def reject_duplicates(rows: DataFrame, partitions: int, keys: list[str], best_first: list[Column]) -> DataFrame:
    """Reject accepted rows whose `keys` another accepted row has too, except the first in the order `best_first`.

    Leaves rows of one value of the first key together in one of `partitions`, sorted by all keys. Rejected rows are
    spread out, each a group of its own: they often have no key at all.
    """
    group = F.when(F.col("reason").isNull(), F.col(keys[0]).cast("long")).otherwise(-F.col("position"))
    spread = rows.withColumn("group", group).repartition(partitions, "group")
    place = F.row_number().over(Window.partitionBy("group", *keys[1:]).orderBy(*best_first))
    placed = spread.withColumn("place", place)
    return also_rejected(placed, (Reason.DUPLICATE, F.col("place") > 1)).drop("group", "place")
