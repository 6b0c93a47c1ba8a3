"""Run time against the number of nodes: a part that stays and a part that is shared (Amdahl 1967)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Amdahl:
    """`serial` seconds whatever the number of nodes, and `shared` seconds divided by it."""

    serial: float
    shared: float

    @classmethod
    def fitted(cls, nodes: Sequence[int], seconds: Sequence[float]) -> Amdahl:
        """The least squares fit to measured run times, neither part below 0.

        Raises:
            ValueError: fewer than two numbers of nodes, so that the parts cannot be told apart.
        """
        if len(set(nodes)) < 2:
            raise ValueError("Run times at two or more numbers of nodes are needed.")
        inverse, measured = 1.0 / np.asarray(nodes, float), np.asarray(seconds, float)
        serial, shared = np.linalg.lstsq(np.column_stack([np.ones_like(inverse), inverse]), measured, rcond=None)[0]
        if shared < 0:  # more nodes were slower: all of it is serial
            return cls(float(measured.mean()), 0.0)
        if serial < 0:  # quicker than shared out: nothing is
            return cls(0.0, float((measured @ inverse) / (inverse @ inverse)))
        return cls(float(serial), float(shared))

    @property
    def serial_share(self) -> float:
        """The serial part of the run time on one node, 0 … 1."""
        return self.serial / (self.serial + self.shared)

    def seconds(self, nodes: int) -> float:
        """The run time that follows for so many nodes."""
        return self.serial + self.shared / nodes
