"""From raw lines to fields, and from fields to numbers, with the first fault for which a line is rejected.

Frames of lines have the columns `position` (see raw_files), `text` (the line as text) and `fault` (null while the line
is accepted, else its reason, the name of the field that is wrong and what was written there).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType

from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from domain.cleaning.written import PLAIN_DECIMAL, PLAIN_WHOLE
from spark_jobs.frames import written

LINE = ("position", "text", "fault")
FAULT = ("reason", "field", "value")
LONGEST_VALUE = 200  # characters of a wrong value that are kept
FIRST_TIME = 788_918_400  # 1995-01-01 UTC in seconds
_CONTROL = r"[\x00-\x08\x0A-\x1F\x7F]"
_CONTROL_IN_RECORD = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"  # its fields may have line ends
_QUOTED_NUMBER = r'(?<=^|{0})"([^"{0}]*)"(?={0}|$)'


class Rule(NamedTuple):
    """A reason to reject a line, when there is one, and the field that is wrong then, as it was written."""

    reason: Reason
    condition: Column
    field: str | None = None
    value: Column | None = None


def first_fault(*rules: Rule) -> Column:
    """The fault by the first rule whose condition is true; a condition that is null is not true."""
    return F.coalesce(*[F.when(rule.condition, _fault(rule)) for rule in rules])


def _fault(rule: Rule) -> Column:
    value = F.lit(None).cast("string") if rule.value is None else F.substring(rule.value, 1, LONGEST_VALUE)
    parts = F.lit(str(rule.reason)), F.lit(rule.field).cast("string"), value
    return F.struct(*[part.alias(name) for part, name in zip(parts, FAULT, strict=True)])


def also_rejected(rows: DataFrame, *rules: Rule) -> DataFrame:
    """`rows` with the faults by more rules of those that are accepted so far."""
    return rows.withColumn("fault", F.coalesce("fault", first_fault(*rules)))


def judged(rows: DataFrame) -> DataFrame:
    """`rows` with reason, field and value in place of `fault`: what `separate` of storage/rejects takes."""
    return rows.select("*", *[F.col(f"fault.{name}").alias(name) for name in FAULT]).drop("fault")


def decode_lines(lines: DataFrame, records: bool = False, simple: Column | None = None) -> DataFrame:
    """Position and raw bytes to position, text without its line end, and the faults that concern whole lines.

    Bytes that are not UTF-8 become U+FFFD in the text. Where they are `records`, line ends inside are no control
    characters. Lines that are `simple` are known to be good ASCII.
    """
    known = F.lit(False) if simple is None else simple
    text = F.when(known, F.col("value").cast("string")).otherwise(F.decode("value", "UTF-8"))
    decoded = lines.withColumn("text", text)
    rejected = decoded.withColumn("invalid", F.when(~known, F.encode("text", "UTF-8") != F.col("value")))
    without_end = F.when(F.col("text").endswith("\r"), F.regexp_replace("text", r"\r+\z", "")).otherwise(F.col("text"))
    fault = first_fault(
        Rule(Reason.BLANK_LINE, F.trim("text") == ""),
        Rule(Reason.INVALID_ENCODING, F.col("invalid")),
        Rule(Reason.CONTROL_CHARACTER, F.col("text").rlike(_CONTROL_IN_RECORD if records else _CONTROL)),
    )
    kept = [name for name in lines.columns if name != "value"]
    return rejected.withColumn("text", without_end).select(*kept, "text", F.when(~known, fault).alias("fault"))


def with_fields(rows: DataFrame, layout: Layout) -> DataFrame:
    """`rows` with `fields`, the wanted ones in their order; quotes are taken off in Python tasks."""
    separator = layout.separator
    if layout.quoted:
        split = F.udf(lambda line: csv_fields(line, separator), ArrayType(StringType()), useArrow=True)
        cells = rows.withColumn("cells", split("text"))
    else:
        cells = rows.withColumn("cells", F.split("text", re.escape(separator)))
    checked = _checked_fields(cells, F.col("cells").isNull(), layout.width)
    return checked.withColumn("fields", F.array(*_picked(layout)))


@dataclass(frozen=True)
class Form:
    """How a field of numbers is written: nearly always as `simple`, else as `fits` says; `read` is its plain form."""

    simple: str
    fault: Reason
    fits: Callable[[Column], Column]
    read: Callable[[Column], Column]


def _or_none(form: Form) -> Form:
    return Form(
        f"(?:{form.simple})?",
        form.fault,
        lambda text: written.is_missing(text) | form.fits(text),
        lambda text: F.when(written.is_missing(text), F.lit("")).otherwise(form.read(text)),
    )


WHOLE = Form(PLAIN_WHOLE, Reason.NOT_A_NUMBER, written.is_whole, lambda text: written.whole(text).cast("string"))
DECIMAL = Form(PLAIN_DECIMAL, Reason.NOT_A_NUMBER, written.is_number, lambda text: written.number(text).cast("string"))
WHOLE_OR_NONE = _or_none(WHOLE)
TIME = Form(
    "-?[0-9]{1,11}",  # seconds: more digits count milliseconds and less
    Reason.NOT_A_TIME,
    written.is_time,
    lambda text: F.floor(written.seconds(text)).cast("string"),
)


def with_number_fields(lines: DataFrame, layout: Layout, *forms: Form) -> DataFrame:
    """Lines of numbers with the wanted `fields`, each in its plain form, without Python: none has a separator in it.

    One look finds that most lines are written plainly and have nothing else. The others are decoded and looked at from
    all sides, which costs several times as much. A number that does not fit 64 bits is null.
    """
    simple, separator = F.col("simple"), re.escape(layout.separator)
    seen = lines.withColumn("simple", F.col("value").cast("string").rlike(_simple_line(layout, forms)))
    rows, plain = decode_lines(seen, simple=simple), F.col("text")
    if layout.quoted:
        without = F.regexp_replace("text", _QUOTED_NUMBER.format(separator), "$1")
        plain = F.when(plain.contains('"'), without).otherwise(plain)
    split = rows.withColumn("plain", plain).withColumn("cells", F.split("plain", separator, layout.width + 1))
    checked = _checked_fields(split, F.col("plain").contains('"'), layout.width)
    picked = _picked(layout)
    pointed = [written.with_points(cell) if layout.may_have_decimal_commas else cell for cell in picked]
    named = list(zip(layout.names, forms, pointed, picked, strict=True))
    # a `when` within, as Spark may compute the other side of an `and` for every row
    rules = [Rule(form.fault, F.when(~simple, ~form.fits(cell)), name, given) for name, form, cell, given in named]
    numbers = also_rejected(checked, *rules)
    fields = F.when(simple, F.array(*picked)).otherwise(F.array(*[form.read(cell) for _, form, cell, _ in named]))
    return numbers.withColumn("fields", fields).drop("simple", "plain")


def _simple_line(layout: Layout, forms: tuple[Form, ...]) -> str:
    separator = re.escape(layout.separator)
    other = rf"(?:(?!{separator})[^\"\x00-\x1f\x7f-\x{{10ffff}}])*"
    form_at = dict(zip(layout.places, forms, strict=True))
    cells = [form_at[place].simple if place in form_at else other for place in range(layout.width)]
    return rf"\A{separator.join(cells)}\r?\z"


def _picked(layout: Layout) -> list[Column]:
    """The wanted ones of the `cells`; one that the file lacks is empty."""
    return [F.lit("") if place < 0 else F.get("cells", F.lit(place)) for place in layout.places]


def _checked_fields(rows: DataFrame, broken_quotes: Column, count: int) -> DataFrame:
    return also_rejected(
        rows,
        Rule(Reason.BROKEN_QUOTES, broken_quotes),
        Rule(Reason.MISSING_FIELD, F.size("cells") < count),
        Rule(Reason.SURPLUS_FIELD, F.size("cells") > count),
    )


def field(index: int) -> Column:
    """One of the `fields`, null where the line has no such field."""
    return F.get("fields", F.lit(index))


def given(layout: Layout, name: str) -> Column:
    """What is written in the field of that name, as it is."""
    return _picked(layout)[layout.names.index(name)]


def id_rule(number: Column, layout: Layout, name: str, lowest: int = 0) -> Rule:
    """Rejects an id below `lowest`, and one that does not fit 32 bits and so has become null."""
    is_id = F.coalesce(number >= lowest, F.lit(False))
    return Rule(Reason.ID_OUT_OF_RANGE, ~is_id, name, given(layout, name))


def is_plausible_time(seconds: Column, until: int) -> Column:
    """Whether seconds since 1970 lie between 1995 and `until`; seconds that do not fit 64 bits have become null."""
    return F.coalesce(seconds.between(FIRST_TIME, until), F.lit(False))


def time_of(seconds: Column, until: int) -> Column:
    """A plausible time as a timestamp, any other as null: Spark fails on seconds whose microseconds overflow."""
    return F.when(is_plausible_time(seconds, until), F.timestamp_seconds(seconds))


def time_rule(seconds: Column, until: int, text: Column) -> Rule:
    """Rejects seconds since 1970 that are before 1995 or after `until`; `text` is how the time is written."""
    return Rule(Reason.TIME_OUT_OF_RANGE, ~is_plausible_time(seconds, until), "timestamp", text)


def reject_unknown_movies(rows: DataFrame, movies: DataFrame) -> DataFrame:
    """Reject accepted rows whose `movie_id` is not among those of the clean `movies`."""
    known = F.broadcast(movies.select("movie_id", F.lit(True).alias("known")))  # 84k ids in the full data set
    joined = rows.join(known, on="movie_id", how="left")
    unknown = Rule(Reason.UNKNOWN_MOVIE, F.col("known").isNull(), "movieId", F.col("movie_id").cast("string"))
    return also_rejected(joined, unknown).drop("known")


def reject_duplicates(rows: DataFrame, partitions: int, keys: list[str], best_first: list[Column]) -> DataFrame:
    """Reject accepted rows whose `keys` another accepted row has too, except the first in the order `best_first`.

    Leaves rows of one value of the first key together in one of `partitions`, sorted by all keys. Rejected rows are
    spread out, each a group of its own: they often have no key at all.
    """
    group = F.when(F.col("fault").isNull(), F.col(keys[0]).cast("long")).otherwise(-F.col("position"))
    spread = rows.withColumn("group", group).repartition(partitions, "group")
    place = F.row_number().over(Window.partitionBy("group", *keys[1:]).orderBy(*best_first))
    placed = spread.withColumn("place", place)
    return also_rejected(placed, Rule(Reason.DUPLICATE, F.col("place") > 1)).drop("group", "place")
