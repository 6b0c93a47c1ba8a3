"""Checks from the counts of a table and its rules: what was measured, its limit, and whether it is good enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.contract.lights import Outcome
from domain.statistics.column_figures import MOMENTS_AND_ORDER, Figures, figures, iso, months
from domain.statistics.columns import DAY, ColumnPart, Kind
from domain.statistics.trend import Band
from spark_jobs.quality.rules import ColumnRules, Limits, Rules, TableRules
from spark_jobs.quality.scan import Key, Scanned

NONE_ALLOWED = Limits.model_validate({"error_if": "> 0"})
SHARES = ("missing", "empty", "infinite", "orphans", "unexpected", "duplicates", "rejected_share")
FOLLOWED = ("missing", "empty", "distinct", "mean", "std")  # by the trend
FOLLOWED_OF_TIMES = ("missing", "months_without_data")
WORSE_IF_MORE = ("months_without_data",)  # fewer than ever are no alarm


@dataclass(frozen=True)
class Check:
    """One figure against its limit; `sentence` names table, column, figure and limit."""

    table: str
    column: str
    check: str
    status: Outcome
    value: float | str | None
    limit: str
    sentence: str


@dataclass(frozen=True)
class Measured:
    """A table as it was found: its rules, the Spark types of its columns, its counts, and what else is known of it."""

    name: str
    rules: TableRules
    types: Mapping[str, str]
    scanned: Scanned
    rejected_share: float | None = None
    repeated: str = ""  # some keys that come more than once

    @property
    def figures(self) -> Figures:
        """Figures of the table as a whole."""
        rows = self.scanned.rows
        found: Figures = {"rows": float(rows)}
        if key := self.key:
            found["duplicates"] = self.scanned.keys[key].surplus / max(rows, 1)
        if self.rejected_share is not None:
            found["rejected_share"] = self.rejected_share
        return found

    @property
    def key(self) -> Key | None:
        """The key that was counted; none where columns of it are missing."""
        return next(iter(self.scanned.keys), None)


def check_table(table: Measured, as_of: datetime) -> list[Check]:
    """All checks of a table, in the order of its rules."""
    checks = list(_of_table(table))
    for name, rules in table.rules.columns.items():
        checks += _of_column(table, name, rules, as_of)
    return checks


def check_tables(rules: Rules, looked_at: Sequence[str]) -> list[Check]:
    """A warning for each table that the rules name and nobody looked at; the default rules are for the cleaned data."""
    if rules.is_default:
        return []
    there = ", ".join(looked_at)
    return [
        Check(
            name,
            "",
            "table",
            Outcome.WARN,
            "not looked at",
            "must be there",
            f"{name}: not looked at; there are {there}",
        )
        for name in rules.tables
        if name not in looked_at
    ]


def _of_table(table: Measured) -> Iterator[Check]:
    rules, figures = table.rules, table.figures
    for name in rules.key:
        if name not in table.types:
            sentence = f"{table.name}.{name}: the key's column is missing; there are {', '.join(table.types)}"
            yield Check(table.name, name, "key", Outcome.ERROR, "missing", "must be there", sentence)
    limits = {"rows": rules.rows, "rejected_share": rules.rejected_share}
    if rules.key:
        limits["duplicates"] = rules.duplicates or NONE_ALLOWED
    for check, limit in limits.items():
        if limit is not None and check in figures:
            detail = f" ({table.repeated})" if check == "duplicates" and table.repeated else ""
            yield _limited(table.name, "", check, figures[check], limit, detail)


def _of_column(table: Measured, name: str, rules: ColumnRules, as_of: datetime) -> Iterator[Check]:
    place = f"{table.name}.{name}"
    if name not in table.types:
        if not rules.optional:
            there = ", ".join(table.types)
            sentence = f"{place}: the column is missing; there are {there}"
            yield Check(table.name, name, "column", Outcome.ERROR, "missing", "must be there", sentence)
        return
    if rules.type is not None:
        actual, allowed = table.types[name], [kind.strip() for kind in rules.type.split("|")]
        status = Outcome.OK if actual in allowed else Outcome.ERROR
        sentence = f"{place}: the type is {actual}" + ("" if status is Outcome.OK else f", not {rules.type}")
        yield Check(table.name, name, "type", status, actual, rules.type, sentence)
    part = table.scanned.columns[name]
    values, details = column_figures(part, as_of), _details(part)
    for check, limit in _limits(rules).items():
        value = values.get("orphans" if check == "unexpected" else check)
        yield _limited(table.name, name, check, value, limit, details.get(check, ""), part.kind is Kind.TIME)


def _limits(rules: ColumnRules) -> dict[str, Limits]:
    given = {name: value for name in ColumnRules.model_fields if isinstance(value := getattr(rules, name), Limits)}
    if rules.references:
        given.setdefault("orphans", NONE_ALLOWED)
    if rules.values is not None:
        given.setdefault("unexpected", NONE_ALLOWED)
    return given


def column_figures(part: ColumnPart, as_of: datetime) -> Figures:
    """The figures of a column and, of times, how old the newest is and how far ahead, in days."""
    values = figures(part)
    if part.kind is Kind.TIME and (newest := values.get("max")) is not None:
        age = (as_of.timestamp() - newest) / DAY
        values |= {"age_days": age, "days_ahead": -age}
    return values


def _details(part: ColumnPart) -> dict[str, str]:
    details = {"missing": f" ({part.missing:,} of {part.rows:,} rows)"}
    if part.examples:
        told = ", ".join(str(value) for value in part.examples)
        details |= dict.fromkeys(("orphans", "unexpected"), f" ({part.orphans:,} rows, such as {told})")
    if part.kind is Kind.TIME and part.bins is not None and (without := months(part)[1]):
        more = f" and {len(without) - 6} more" if len(without) > 6 else ""
        details["months_without_data"] = f" ({', '.join(without[:6])}{more})"
    return details


def _limited(
    table: str, column: str, check: str, value: float | None, limits: Limits, detail: str = "", is_time: bool = False
) -> Check:
    place = f"{table}.{column}" if column else table
    words = check.replace("_", " ")
    limit = "; ".join(
        f"{severity} if {' or '.join(condition.text for condition in conditions)}"
        for severity, conditions in ((Outcome.ERROR, limits.error_if), (Outcome.WARN, limits.warn_if))
        if conditions
    )
    if value is None:
        sentence = f"{place}: {words} cannot be measured, the column has no values for it"
        return Check(table, column, check, Outcome.WARN, None, limit, sentence)
    told = shown(check, value, is_time)
    broken = limits.broken(value)
    because = f", {broken[0]} if {broken[1].text}" if broken else ""
    sentence = f"{place}: {words} is {told}{detail}{because}"
    return Check(table, column, check, broken[0] if broken else Outcome.OK, value, limit, sentence)


def shown(check: str, value: float, is_time: bool = False) -> str:
    """A figure as people write it: shares in per cent, times as ISO 8601."""
    if check in SHARES:
        return f"{value:.4%}".replace(".0000", "")
    if is_time and check in MOMENTS_AND_ORDER:
        return str(iso(value))
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.6g}"


def followed(table: Measured) -> dict[str, float]:
    """The figures whose history is kept: `table.figure` and `table.column.figure`."""
    kept = {f"{table.name}.{name}": value for name, value in table.figures.items() if value is not None}
    for name, part in table.scanned.columns.items():
        for check, value in figures(part).items():
            if value is not None and check in (FOLLOWED if part.kind is not Kind.TIME else FOLLOWED_OF_TIMES):
                kept[f"{table.name}.{name}.{check}"] = value
    return kept


def check_trend(now: Mapping[str, float], history: Sequence[Mapping[str, float]], rules: Rules) -> list[Check]:
    """The figures that have left mean ± sigmas of `history`, which has the figures of earlier reports on other data."""
    alarms = []
    for name, value in now.items():
        earlier = [report[name] for report in history if name in report]
        if len(earlier) < rules.trend.at_least:
            continue
        band = Band.of(earlier, rules.trend.sigmas)
        table, *column, check = name.split(".")
        if band.has(value) or (check in WORSE_IF_MORE and value < band.low):
            continue
        low, mean, high, told = (shown(check, number) for number in (band.low, band.mean, band.high, value))
        limit = f"{rules.trend.severity} if outside {low} … {high}"
        words = (
            f"{check.replace('_', ' ')} is {told}, outside mean ± {rules.trend.sigmas:g} σ of {len(earlier)} reports"
        )
        sentence = f"{'.'.join([table, *column])}: {words} ({low} … {high}, mean {mean})"
        place = ".".join(column)
        alarms.append(Check(table, place, f"trend of {check}", rules.trend.severity, value, limit, sentence))
    return alarms
