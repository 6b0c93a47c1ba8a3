"""Stored models without a Cassandra: what holds them in a process of the site is given these in its place.

`python -m tests.support.stored_model FOLDER RUN_ID SECONDS` is such a process: it loads the model, each reading of
which takes so long, and prints what it had to read and whether it has mapped the folder.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cql.active import ActiveRun
from cql.kinds import Kind
from domain.serving.arrays import ABOUT, to_parts
from web.app.errors import CassandraAway
from web.model.served import ModelHolder

SETTINGS = {"mean_rating": 3.5, "ranking": {"rank": 64}}


class Row(NamedTuple):
    data: bytes


def arrays_of(number: int) -> dict[str, NDArray[Any]]:
    """A model of 3 and 1 parts and none, in which every number is `number`."""
    return {
        "factors": np.full((5_000, 64), number, np.float32),
        "ids": np.full(5_000, number, np.int32),
        "head": np.zeros(0, np.int32),
    }


class StoredModels:
    """The table model_parts_by_run, and which run is active, as `Database` and `ActiveRuns` give them."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, str, int], bytes] = {}
        self.active: str | None = None
        self.asked: list[tuple[Any, ...]] = []
        self.away = False
        self.before_each: Callable[[], None] = lambda: None

    def publish(self, run_id: str, number: int) -> None:
        for name, part, data in to_parts(arrays_of(number), SETTINGS):
            self.parts[run_id, name, part] = bytes(data)
        self.active = run_id

    def get(self, kind: Kind) -> ActiveRun | None:
        self._answer()
        assert kind == Kind.RECOMMENDATIONS
        return ActiveRun(self.active, f"data of {self.active}", datetime.now(UTC)) if self.active else None

    def one(self, query: tuple[str, str], *key: Any) -> Row | None:
        return next(iter(self._rows(query, [key])[0]), None)

    def each(self, query: tuple[str, str], keys: Iterable[Sequence[Any]]) -> list[list[Row]]:
        self.before_each()
        return self._rows(query, keys)

    def _rows(self, query: tuple[str, str], keys: Iterable[Sequence[Any]]) -> list[list[Row]]:
        self._answer()
        assert query[0] == "model_parts_by_run"
        found = []
        for run_id, name, part in keys:
            self.asked.append((run_id, name, part))
            data = self.parts.get((run_id, name, part))
            found.append([] if data is None else [Row(data)])
        return found

    def _answer(self) -> None:
        if self.away:
            raise CassandraAway("Cassandra does not answer at the moment.")

    def holder(self, folder: Path) -> ModelHolder:
        return ModelHolder(self, self, lambda: folder)  # type: ignore[arg-type]


def main(folder: str, run_id: str, seconds: str) -> None:
    stored = StoredModels()
    stored.publish(run_id, 1)
    stored.before_each = lambda: time.sleep(float(seconds))
    holder = stored.holder(Path(folder))
    holder.look()
    assert holder.served is not None
    said = {
        "read": sum(name != ABOUT for _, name, _ in stored.asked),
        "total": float(holder.served.arrays["factors"].sum()),
        "mapped": f"{folder}/{run_id}/factors.npy" in Path("/proc/self/maps").read_text(),
    }
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
