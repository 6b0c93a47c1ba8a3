"""The runs that readers see now, remembered for a second so that not every request asks Cassandra for them."""

from __future__ import annotations

import time

from flask import current_app

from cql.active import ActiveRun, active_run
from cql.kinds import Kind
from web.app.database import Database, translated
from web.app.errors import NothingPublished

ACTIVE_SECONDS = 1.0  # how long a process may serve the previous run after a flip


class ActiveRuns:
    """The active run of each kind. Methods raise as `Database` does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[Kind, tuple[float, ActiveRun]] = {}

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


def active_runs() -> ActiveRuns:
    """The app's memory of active runs."""
    return current_app.extensions["recommender.active"]
