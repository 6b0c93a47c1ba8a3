"""Scales on which a skewed feature looks more like a Gaussian."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from domain.statistics.moments import Matrix, Vector


class Kind(StrEnum):
    """The function by which a feature is rescaled before anything is learned from it."""

    PLAIN = "plain"
    LOG = "log"  # ln x, for values above 0
    LOG1P = "log1p"  # ln(1 + x), for counts that may be 0
    BOX_COX = "box-cox"  # (x^λ - 1) / λ, for values above 0 (Box and Cox, 1964)


@dataclass(frozen=True)
class Scale:
    """A kind; `power` is Box-Cox' λ."""

    kind: Kind = Kind.PLAIN
    power: float = 1.0

    def __call__(self, values: Vector) -> Vector:
        """The rescaled values; nan or -inf where the kind is not defined."""
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.kind is Kind.LOG1P:
                return np.asarray(np.log1p(values))
            if self.kind is Kind.LOG or (self.kind is Kind.BOX_COX and self.power == 0):
                return np.asarray(np.log(values))
            if self.kind is Kind.BOX_COX:
                positive = np.where(values > 0, values, np.nan)
                return np.asarray(np.expm1(self.power * np.log(positive)) / self.power)
        return values

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return {"kind": str(self.kind), "power": self.power}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Scale:
        """The scale of which `as_json` made these fields."""
        return cls(Kind(fields["kind"]), float(fields["power"]))


def rescaled(rows: Matrix, scales: tuple[Scale, ...]) -> Matrix:
    """Each column of rows × d values on its own scale."""
    return np.column_stack([scale(rows[:, place]) for place, scale in enumerate(scales)])
