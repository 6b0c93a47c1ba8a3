"""The cluster without Docker: the same services as local processes. `python -m cluster.native --help` tells more."""

from cluster.native.lifecycle import State, down, status, up
from cluster.native.spark import submit

__all__ = ["State", "down", "status", "submit", "up"]
