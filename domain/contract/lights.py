"""The traffic light of a report: what jobs store, alerts go by and pages show."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Light(StrEnum):
    """The verdict on what was looked at, from harmless to grave."""

    GOOD = "good"  # nothing to do
    WATCH = "watch"  # somebody should keep an eye on it
    ACT = "act"  # somebody has to do something


class Outcome(StrEnum):
    """The outcome of one check of data quality, the gravest first; rules name the first two (`error_if`, `warn_if`)."""

    ERROR = "error"
    WARN = "warn"
    OK = "ok"

    @property
    def light(self) -> Light:
        """The light that a report with this outcome shows."""
        return {Outcome.ERROR: Light.ACT, Outcome.WARN: Light.WATCH, Outcome.OK: Light.GOOD}[self]


UNKNOWN = "unknown"  # shown in place of a light where nobody has looked yet; no report has it as its verdict
LIGHTS = (*map(str, Light), UNKNOWN)


def gravity(light: str) -> float:
    """How grave a light is, unknown a little graver than watch."""
    return list(Light).index(Light.WATCH) + 0.5 if light == UNKNOWN else list(Light).index(Light(light))


def worst(lights: Iterable[Light]) -> Light:
    """The gravest; good where there are none."""
    return max(lights, key=list(Light).index, default=Light.GOOD)
