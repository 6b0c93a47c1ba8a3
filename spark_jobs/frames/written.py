"""Columns of text read as numbers and times, in every way in which domain/cleaning/written.py says they are written."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from domain.cleaning.written import BLANK, FALSE, INFINITE, MISSING, NUMBER, PLAIN_WHOLE, TRUE, WHOLE

_LONG = (-(2**63), 2**63 - 1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d*)?)?)?"
_ZONE = r"\s*(?:Z|z|UTC|GMT)?([+-]\d{2}:?\d{2}|[+-]\d{2})?(?:\s*\([^)]*\))?"
_NAMED_DAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
# ISO 8601 and its relatives · JavaScript's and R's «Sat Apr 02 2005 …» · Java's «Sat Apr 02 … 2005» · «02 Apr 2005 …»
_ISO = rf"^(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}}){_CLOCK}{_ZONE}$"
_MONTH_FIRST = rf"^{_NAMED_DAY}([A-Za-z]{{3}})[a-z]*\.?\s+(\d{{1,2}}),?\s+(\d{{4}}){_CLOCK}{_ZONE}$"
_YEAR_LAST = rf"^{_NAMED_DAY}([A-Za-z]{{3}})\s+(\d{{1,2}}){_CLOCK}\s+(?:UTC|GMT)?\s*(\d{{4}})$"
_DAY_FIRST = rf"^{_NAMED_DAY}(\d{{1,2}})[-\s]+([A-Za-z]{{3}})[a-z]*\.?[-\s]+(\d{{4}}){_CLOCK}{_ZONE}$"
_SIMPLE = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}"  # as nearly all are written, which Spark reads by itself
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
    return F.when(_is(plain, NUMBER) | _is(plain, INFINITE), plain.cast("double"))


def is_whole(text: Column) -> Column:
    """Whether a whole number is written, such as 801, 801.0 or 8.01e2, of any size."""
    plain = trimmed(text)
    exact = plain.cast("decimal(38,12)")
    by_exponent = _is(plain, NUMBER) & plain.rlike("[eE]") & F.coalesce(exact == F.floor(exact), ~plain.rlike("[eE]-"))
    return _is(plain, PLAIN_WHOLE) | _is(plain, WHOLE) | by_exponent


def whole(text: Column) -> Column:
    """The whole number (long); null where none is written or it does not fit 64 bits."""
    plain = trimmed(text)
    exact = F.when(is_whole(text), plain.cast("decimal(38,0)"))
    return F.when(_is(plain, PLAIN_WHOLE), plain.cast("long")).when(exact.between(*_LONG), exact.cast("long"))


def truth(text: Column) -> Column:
    """Whether a word says yes: 1, true, yes; no: 0, -1, false, no; null where it is neither."""
    plain = trimmed(text)
    return F.when(_is(plain, TRUE), F.lit(True)).when(_is(plain, FALSE), F.lit(False))


def seconds(text: Column) -> Column:
    """A time as seconds since 1970 (double, UTC); null where none is written.

    A number counts seconds, milliseconds, microseconds or nanoseconds, by its size. A date is in ISO 8601 or has the
    month by its English name; without a zone it is in UTC. Days such as 03/04/2005 are none: who knows the month?
    """
    plain = trimmed(text)
    counted = F.when(_is(plain, NUMBER), _of_epoch(plain.cast("double")))
    return counted.when(_is(plain, _SIMPLE), plain.cast("timestamp").cast("double")).otherwise(_of_date(plain))


def is_time(text: Column) -> Column:
    """Whether a time is written, however far away."""
    return seconds(text).isNotNull()


def _of_epoch(value: Column) -> Column:
    counted = value
    for step in _STEPS:
        counted = F.when(F.abs(value) >= _FROM_MILLIS * step / 1e3, value / step).otherwise(counted)
    return counted


def _of_date(text: Column) -> Column:
    numbers = F.create_map(*[F.lit(part) for n, name in enumerate(_MONTHS, start=1) for part in (name, f"{n:02d}")])

    def iso(pattern: str, year: int, month: int, day: int, clock: int, zone: int | None) -> Column:
        def part(group: int) -> Column:
            return F.regexp_extract(text, pattern, group)

        months = part(month) if pattern == _ISO else F.element_at(numbers, F.lower(part(month)))
        date = F.concat_ws("-", part(year), F.lpad(months, 2, "0"), F.lpad(part(day), 2, "0"))
        hms = [F.when(part(n) == "", F.lit("00")).otherwise(F.lpad(part(n), 2, "0")) for n in range(clock, clock + 3)]
        told = F.concat(date, F.lit("T"), F.concat_ws(":", *hms))
        offset = F.lit("") if zone is None else part(zone)
        zoned = F.concat(told, F.when(offset == "", F.lit("Z")).otherwise(_colon(offset)))
        return F.when(_is(text, pattern) & months.isNotNull(), zoned.cast("timestamp").cast("double"))

    return F.coalesce(
        iso(_ISO, 1, 2, 3, 4, 7),
        iso(_MONTH_FIRST, 3, 1, 2, 4, 7),
        iso(_YEAR_LAST, 6, 1, 2, 3, None),
        iso(_DAY_FIRST, 3, 2, 1, 4, 7),
    )


def _colon(offset: Column) -> Column:
    """+0100 and +01 as +01:00, which Spark reads."""
    digits = F.regexp_replace(offset, "[^0-9]", "")
    return F.concat(
        F.substring(offset, 1, 1), F.substring(digits, 1, 2), F.lit(":"), F.rpad(F.substring(digits, 3, 2), 2, "0")
    )


def _is(text: Column, pattern: str) -> Column:
    return text.rlike(rf"\A(?:{pattern})\z")
