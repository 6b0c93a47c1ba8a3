"""Rules for tables: a YAML file of limits, read and checked before anything is counted."""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from domain.contract.lights import Outcome
from domain.contract.movielens import SCALE, Scale
from spark_jobs.storage.errors import JobError

DEFAULT_RULES = Path(__file__).resolve().parents[1] / "quality.yaml"
OPERATORS = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
CONDITION = re.compile(r"\s*(<=|>=|==|!=|<|>)\s*(?:(\d{4}-\d{2}-\d{2})|([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*(%?))\s*")


@dataclass(frozen=True)
class Condition:
    """A condition such as `> 0`, `> 5%` (a share of .05) or `< 1995-01-01` (seconds since 1970); `text` as written."""

    text: str
    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Whether the value meets it."""
        return bool(OPERATORS[self.sign](value, self.limit))


def _condition(text: Any) -> Condition:
    parsed = CONDITION.fullmatch(text) if isinstance(text, str) else None
    if parsed is None:
        raise ValueError(f'{text!r} is no condition such as "> 0", "> 5%" or "< 1995-01-01" (with the quotes)')
    sign, day, number, per_cent = parsed.groups()
    if day:
        return Condition(text.strip(), sign, datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    return Condition(text.strip(), sign, float(number) / (100 if per_cent else 1))


def _conditions(given: Any) -> list[Condition]:
    return [_condition(text) for text in (given if isinstance(given, list) else [given])]


def _severity(word: Any) -> Outcome:
    if word not in (Outcome.WARN, Outcome.ERROR):
        raise ValueError("Input should be 'warn' or 'error'")
    return Outcome(word)


Conditions = Annotated[list[Condition], BeforeValidator(_conditions)]
Severity = Annotated[Outcome, BeforeValidator(_severity)]


class _Strict(BaseModel):
    """A part of the rules, in which an unknown word is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Limits(_Strict):
    """Conditions of which one is enough to make a figure a warning, or an error."""

    warn_if: Conditions = []
    error_if: Conditions = []

    @model_validator(mode="after")
    def _not_empty(self) -> Limits:
        if not self.warn_if and not self.error_if:
            raise ValueError("neither warn_if nor error_if")
        return self

    def broken(self, value: float) -> tuple[Outcome, Condition] | None:
        """The gravest condition that holds."""
        by_severity: dict[Outcome, list[Condition]] = {Outcome.ERROR: self.error_if, Outcome.WARN: self.warn_if}
        broken = [(severity, each) for severity, all_of in by_severity.items() for each in all_of if each.holds(value)]
        return broken[0] if broken else None


class ColumnRules(_Strict):
    """Expectations of a column; the limits are by the names of its figures (docs/jobs/report_quality.md)."""

    type: str | None = None
    optional: bool = False
    references: str | None = Field(None, pattern=r"^\w+\.\w+$")
    values: list[float | str | bool] | None = None
    missing: Limits | None = None
    empty: Limits | None = None
    infinite: Limits | None = None
    distinct: Limits | None = None
    unexpected: Limits | None = None
    orphans: Limits | None = None
    min: Limits | None = None
    max: Limits | None = None
    mean: Limits | None = None
    std: Limits | None = None
    p01: Limits | None = None
    p05: Limits | None = None
    p25: Limits | None = None
    median: Limits | None = None
    p75: Limits | None = None
    p95: Limits | None = None
    p99: Limits | None = None
    months_without_data: Limits | None = None
    age_days: Limits | None = None
    days_ahead: Limits | None = None


class TableRules(_Strict):
    """Expectations of a table."""

    key: list[str] = []
    rows: Limits | None = None
    duplicates: Limits | None = None
    rejected_share: Limits | None = None
    columns: dict[str, ColumnRules] = {}


class TrendRules(_Strict):
    """The length of history that a figure needs, and how far from its mean it may be."""

    sigmas: float = Field(default=3, gt=0)
    at_least: int = Field(default=5, ge=2)
    severity: Severity = Outcome.WARN


class Rules(_Strict):
    """A file of rules."""

    tables: dict[str, TableRules] = {}
    trend: TrendRules = TrendRules()
    source: str = ""
    digest: str = ""

    @property
    def is_default(self) -> bool:
        """Whether they say what spark_jobs/quality.yaml says."""
        return self.digest == _digest(DEFAULT_RULES.read_text(encoding="utf-8"))

    def on_scale(self, scale: Scale) -> Rules:
        """The rules for ratings on another scale: its stars, and no limit of their mean and spread."""
        ratings = self.tables.get("ratings")
        if scale == SCALE or ratings is None or "rating" not in ratings.columns:
            return self
        limits = {"values": list(scale.stars), "mean": None, "std": None}
        columns = {**ratings.columns, "rating": ratings.columns["rating"].model_copy(update=limits)}
        return self.model_copy(
            update={"tables": {**self.tables, "ratings": ratings.model_copy(update={"columns": columns})}}
        )

    @property
    def ask_the_clock(self) -> bool:
        """Whether the verdict on the same data changes as time goes by."""
        return any(column.age_days for table in self.tables.values() for column in table.columns.values())


def read_rules(path: Path) -> Rules:
    """The rules in a YAML file.

    Raises:
        JobError: it cannot be read, or something in it is no rule; the message names file, key, value and fault.
    """
    try:
        text = path.read_text(encoding="utf-8")
        given = yaml.safe_load(text)
    except OSError as error:
        raise JobError(f"{path}: {error.strerror}. Name a file of rules with --rules.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise JobError(f"{path}: not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(given, Mapping):
        raise JobError(f"{path}: must have `tables:` at its top, see spark_jobs/quality.yaml.")
    try:
        return Rules(**{**given, "source": str(path), "digest": _digest(text)})
    except (ValidationError, TypeError) as error:
        raise JobError(f"{path}: {_told(error)}. See docs/jobs/report_quality.md.") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _told(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    faults = []
    for fault in error.errors(include_url=False):
        place = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            faults.append(f"{place}: there is no such rule")
        else:
            faults.append(f"{place}: {fault['msg'].removeprefix('Value error, ')} (it is {fault['input']!r})")
    return "; ".join(faults)
