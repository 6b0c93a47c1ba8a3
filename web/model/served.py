"""The model of the active run in this process: its arrays, loaded in the background.

A thread looks which run is active. It begins after gunicorn's fork, elsewhere with the first request that asks for the
model, and ends with the app. While the arrays of another run are loaded the old ones serve on; what fails is tried
again, and the site does without.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from weakref import ReferenceType, ref

from flask import current_app
from numpy.typing import NDArray
from prometheus_client import Gauge

from cql.active import ActiveRun
from cql.kinds import Kind
from domain.serving.arrays import ABOUT, from_parts, read_about
from domain.serving.recommender import Recommender
from web.app.active import ActiveRuns
from web.app.database import Database, select
from web.app.errors import WebError
from web.model.model_folder import mapped

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # between two looks at the active run
LONGEST_SECONDS = 60.0  # between two tries to load the same run
AT_ONCE = 8  # parts that are asked for: 4 MB

PARTS = select("model_parts_by_run", "run_id", "name", "part", columns=("data",))
LOADED = Gauge(
    "recommender_model_loaded", "Processes that hold the arrays of a run.", ["run_id"], multiprocess_mode="livesum"
)
SECONDS = Gauge(
    "recommender_model_load_seconds",
    "Time that the last load of a run's arrays took, in the slowest process.",
    multiprocess_mode="livemax",
)


@dataclass(frozen=True, eq=False)
class ServedModel:
    """The arrays and settings of a published run, as publish_recommendations has stored them; all are read-only."""

    run_id: str
    dataset_id: str
    arrays: Mapping[str, NDArray[Any]]
    settings: Mapping[str, Any]

    @cached_property
    def recommender(self) -> Recommender:
        """What makes lists of ratings with these arrays."""
        return Recommender.of(self.arrays, self.settings)


class ModelHolder:
    """The process's one model: `served`, None while there is none.

    `folder` names the folder that processes of this machine share.
    """

    def __init__(self, database: Database, runs: ActiveRuns, folder: Callable[[], Path]) -> None:
        self._database, self._runs, self._folder = database, runs, folder
        self.served: ServedModel | None = None
        self._settled: str | None = None  # the run that is loaded, or has nothing to load
        self._failed: str | None = None  # the run that could not be loaded,
        self._pause, self._again_at = 0.0, 0.0  # and when it is tried again
        self._thread: Thread | None = None
        self._starting = Lock()

    def start(self) -> None:
        """Look from now on; does nothing where that is done already."""
        if self._is_watched():
            return
        with self._starting:
            if not self._is_watched():
                self._thread = Thread(target=_watch, args=(ref(self),), name="served model", daemon=True)
                self._thread.start()

    def _is_watched(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def look(self) -> None:
        """Load the model of the active run if that is another one; an error is logged once a run, and waits."""
        try:
            run = self._runs.get(Kind.RECOMMENDATIONS)
        except WebError:  # Cassandra is away, of which every request tells
            return
        if run is None or run.run_id == self._settled:
            return
        if run.run_id == self._failed and time.monotonic() < self._again_at:
            return
        try:
            self._take(run)
        except Exception as error:  # whatever it is, the site serves on
            self._note(run.run_id, error)

    def _note(self, run_id: str, error: Exception) -> None:
        if run_id != self._failed:
            log.warning("The model of run %s is not loaded, lists are served as they are: %s", run_id, error)
            self._failed, self._pause = run_id, LOOK_SECONDS
        self._again_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_SECONDS)

    def _take(self, run: ActiveRun) -> None:
        begin = time.perf_counter()
        model = self._load(run)
        before, self.served, self._settled, self._failed = self.served, model, run.run_id, None
        if before is not None:
            LOADED.labels(before.run_id).set(0)
        if model is not None:
            LOADED.labels(model.run_id).set(1)
            SECONDS.set(time.perf_counter() - begin)

    def _load(self, run: ActiveRun) -> ServedModel | None:
        """The model of a run, None if it was published before models were."""
        row = self._database.one(PARTS, run.run_id, ABOUT, 0)
        if row is None:
            return None
        about = read_about(row.data)

        def parts_of(name: str, count: int) -> Iterator[bytes | None]:
            for start in range(0, count, AT_ONCE):
                keys = [(run.run_id, name, part) for part in range(start, min(start + AT_ONCE, count))]
                for rows in self._database.each(PARTS, keys):
                    yield rows[0].data if rows else None

        try:
            arrays = mapped(self._folder(), run.run_id, about, parts_of)
        except OSError as error:
            log.warning("The model of run %s is in the memory of this process alone: %s", run.run_id, error)
            arrays = from_parts(about, parts_of)
        return ServedModel(run.run_id, run.dataset_id, arrays, about.settings)


def _watch(holder: ReferenceType[ModelHolder]) -> None:
    """Look again and again, as long as somebody has the holder."""
    while (held := holder()) is not None:
        held.look()
        del held
        time.sleep(LOOK_SECONDS)


def served_model() -> ServedModel | None:
    """The model that this process answers new ratings with, None while there is none.

    It is that of the active run, or while this is loaded that of the run before.
    """
    holder: ModelHolder = current_app.extensions["recommender.model"]
    holder.start()
    return holder.served
