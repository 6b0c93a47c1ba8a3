"""The runs that readers see now, remembered for a second so that not every request asks Cassandra for them.

And whether what they were made from is invented.
"""

from __future__ import annotations

import json
import time
from typing import Any

from flask import current_app

from cql.active import ActiveRun, active_run
from cql.kinds import Kind
from domain.contract.generated import is_default_folder, is_generated, may_be_generated
from web.app.database import Database, select, translated
from web.app.errors import NothingPublished
from web.app.generated import note

RUN = select("runs_by_job", "job", "run_id")
INVENTED = {
    Kind.RECOMMENDATIONS: "movies, users and ratings",
    Kind.CATALOGUE: "titles, people and scores of the catalogue",
    Kind.SONGPLAYS: "songs, listeners and plays",
}
ACTIVE_SECONDS = 1.0  # how long a process may serve the previous run after a flip


class ActiveRuns:
    """The active run of each kind. Methods raise as `Database` does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[Kind, tuple[float, ActiveRun]] = {}
        self._older: dict[str, bool] = {}  # of runs of older versions: whether their data are invented

    def get(self, kind: Kind) -> ActiveRun | None:
        """The run that readers see, at most `ACTIVE_SECONDS` old; None before the first one is published."""
        read_at, run = self._remembered.get(kind, (float("-inf"), None))
        return run if time.monotonic() - read_at <= ACTIVE_SECONDS else self.read(kind)

    def read(self, kind: Kind) -> ActiveRun | None:
        """The run that readers see, asked of Cassandra now."""
        asked_at = time.monotonic()
        with translated():
            run = active_run(self._database.session(), kind.job)
        if run is not None:
            self._remembered[kind] = (asked_at, run)
        return run

    def remember(self, kind: Kind, run: ActiveRun) -> None:
        """Take `run` for the active one without a read: it was made active just now."""
        self._remembered[kind] = (time.monotonic(), run)

    def published(self, kind: Kind) -> ActiveRun:
        """The run that readers see, at most `ACTIVE_SECONDS` old.

        Raises:
            NothingPublished: there is none yet; the message says what to run.
        """
        run = self.get(kind)
        if run is None:
            raise NothingPublished(kind.missing)
        return run

    def is_invented(self, kind: Kind, run: ActiveRun) -> bool:
        """Whether what a run was made from is invented; of an older version its record tells, which does not change."""
        if not may_be_generated(run.dataset_id):
            return is_generated(run.dataset_id)
        if run.run_id not in self._older:
            row = self._database.one(RUN, kind.job, run.run_id)
            self._older[run.run_id] = _was_made_up(json.loads((row and row.record) or "{}"))
        return self._older[run.run_id]

    def note_invented(self, kind: Kind, run: ActiveRun) -> bool:
        """Whether what a run was made from is invented; the answer to the request then says so."""
        if found := self.is_invented(kind, run):
            note(INVENTED[kind])
        return found


def _was_made_up(record: dict[str, Any]) -> bool:
    """Whether an older run has read the folder that a generator fills unless it is told another."""
    parameters, facts = record.get("parameters", {}), record.get("facts", {})
    return is_default_folder(facts.get("source") or parameters.get("catalogue"))


def active_runs() -> ActiveRuns:
    """The app's memory of active runs."""
    return current_app.extensions["recommender.active"]
