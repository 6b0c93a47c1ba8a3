"""Columns of text read as numbers and times, in every way in which domain/cleaning/written.py says they are written.

What is rarely needed stands in a lambda: Spark makes no code of it, and what it does make of a plan stays within the
8,000 bytes of a method that Java compiles, and far within the 64 KB that a method may have.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from domain.cleaning.written import BLANK, FALSE, INFINITE, MISSING, NUMBER, PLAIN_WHOLE, TRUE, WHOLE

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"((?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d*)?)?)?)"
_ZONE = r"\s*(?:Z|z|UTC|GMT)?([+-]\d{2}:?\d{2}|[+-]\d{2})?(?:\s*\([^)]*\))?"
_DAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"  # of the week
_MONTH = r"([A-Za-z]{3})[a-z]*\.?"
# how a date is written → as year, month, day, clock, zone; the last but one is Java's «Sat Apr 02 23:51:47 UTC 2005»
_DATES = {
    rf"^(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}}){_CLOCK}{_ZONE}$": "$1 $2 $3 $4 $5",
    rf"^{_DAY}{_MONTH}\s+(\d{{1,2}}),?\s+(\d{{4}}){_CLOCK}{_ZONE}$": "$3 $1 $2 $4 $5",
    rf"^{_DAY}([A-Za-z]{{3}})\s+(\d{{1,2}}){_CLOCK}\s+(?:UTC|GMT)?\s*(\d{{4}})$": "$4 $1 $2 $3 ",
    rf"^{_DAY}(\d{{1,2}})[-\s]+{_MONTH}[-\s]+(\d{{4}}){_CLOCK}{_ZONE}$": "$3 $2 $1 $4 $5",
}
_PARTS = r"^(\d{4}) (\w{1,3}) (\d{1,2}) [T ]*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?\S*)? ?([+-]\d{2})?:?(\d{2})?$"
_SIMPLE = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}"  # as nearly all are written, which Spark reads by itself
_LONG = (-(2**63), 2**63 - 1)
# at least so large is a number of milliseconds, of microseconds and of nanoseconds: as seconds it is the year 5138
_FROM_MILLIS, _STEPS = 1e11, (1e3, 1e6, 1e9)


def trimmed(text: Column) -> Column:
    """Without what may stand around a value."""
    return F.btrim(text, F.lit(BLANK))


def is_missing(text: Column) -> Column:
    """Whether a cell says that there is no value: empty, NA, NaN, null, …"""
    return _is(trimmed(text), MISSING)


def with_points(text: Column) -> Column:
    """Decimal commas as points, for files in which a comma separates nothing."""
    return F.regexp_replace(text, r"^(\s*[+-]?[0-9]+),([0-9]+\s*)$", "$1.$2")


def is_number(text: Column) -> Column:
    """Whether a finite number is written."""
    return _is(trimmed(text), NUMBER)


def number(text: Column) -> Column:
    """The number (double), also an infinite one; null where none is written."""
    plain = trimmed(text)
    return F.when(_is(plain, rf"{NUMBER}|{INFINITE}"), plain.cast("double"))


def is_whole(text: Column) -> Column:
    """Whether a whole number is written, such as 801, 801.0 or 8.01e2, of any size."""
    return F.when(_is(text, PLAIN_WHOLE), F.lit(True)).otherwise(_apart(trimmed(text), _is_whole_in_other_words))


def _is_whole_in_other_words(plain: Column) -> Column:
    exact = plain.cast("decimal(38,12)")
    by_exponent = _is(plain, NUMBER) & plain.rlike("[eE]") & F.coalesce(exact == F.floor(exact), ~plain.rlike("[eE]-"))
    return _is(plain, WHOLE) | by_exponent


def whole(text: Column) -> Column:
    """The whole number (long); null where none is written or it does not fit 64 bits."""
    return F.when(_is(text, PLAIN_WHOLE), text.cast("long")).otherwise(_apart(trimmed(text), _whole_in_other_words))


def _whole_in_other_words(plain: Column) -> Column:
    exact = F.when(_is_whole_in_other_words(plain), plain.cast("decimal(38,0)"))
    return F.when(exact.between(*_LONG), exact.cast("long"))


def truth(text: Column) -> Column:
    """Whether a word says yes: 1, true, yes; no: 0, -1, false, no; null where it is neither."""
    plain = trimmed(text)
    return F.when(_is(plain, TRUE), F.lit(True)).when(_is(plain, FALSE), F.lit(False))


def seconds(text: Column) -> Column:
    """A time as seconds since 1970 (double, UTC); null where none is written.

    A number counts seconds, milliseconds, microseconds or nanoseconds, by its size. A date is in ISO 8601 or has the
    month by its English name; without a zone it is in UTC. Days such as 03/04/2005 are none: who knows the month?
    """
    date = F.when(_is(text, _SIMPLE), text.cast("timestamp").cast("double"))
    return date.otherwise(_apart(trimmed(text), _time_in_other_words))


def _time_in_other_words(plain: Column) -> Column:
    value = plain.cast("double")
    counted = value
    for step in _STEPS:
        counted = F.when(F.abs(value) >= _FROM_MILLIS * step / 1e3, value / step).otherwise(counted)
    return F.when(_is(plain, NUMBER), counted).otherwise(_of_date(plain))


def _of_date(text: Column) -> Column:
    for written, parts in _DATES.items():
        text = F.regexp_replace(text, written, parts)
    year, month, day, hours, minutes, second, zone, zone_minutes = (
        F.regexp_extract(text, _PARTS, group) for group in range(1, 9)
    )
    named = F.create_map(*[F.lit(part) for n, name in enumerate(_MONTHS, 1) for part in (name, str(n))])
    number = F.when(month.rlike("[0-9]"), month).otherwise(F.element_at(named, F.lower(month)))
    date = F.concat_ws("-", year, F.lpad(number, 2, "0"), F.lpad(day, 2, "0"))
    clock = F.concat_ws(":", *[F.lpad(part, 2, "0") for part in (hours, minutes, second)])
    offset = F.when(zone == "", "Z").otherwise(F.concat_ws(":", zone, F.rpad(zone_minutes, 2, "0")))
    told = F.when(text.rlike(_PARTS) & number.isNotNull(), F.concat(date, F.lit("T"), clock, offset))
    return told.cast("timestamp").cast("double")


def is_time(text: Column) -> Column:
    """Whether a time is written, however far away."""
    return seconds(text).isNotNull()


def _apart(text: Column, read: Callable[[Column], Column]) -> Column:
    """What `read` makes of a text, without code of its own in the plan."""
    return F.get(F.transform(F.array(text), read), F.lit(0))


def _is(text: Column, pattern: str) -> Column:
    return text.rlike(rf"\A(?:{pattern})\z")
