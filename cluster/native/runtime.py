"""The runtime of local processes: what `make` does, said to the services of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cluster.application import Application
from cluster.fetch.jars import CASSANDRA, CONNECTOR, fetch_shown
from cluster.native.lifecycle import apply_schema, clean, down, print_logs, refuse_paths, run_module, status, up
from cluster.native.spark import application, spark_sql, submit
from cluster.runtime import GROUPS, State
from cluster.settings import Settings
from cluster.variables.drawn import draw_api_key


@dataclass(frozen=True)
class Native:
    """The runtime of local processes; for its methods see `Runtime`."""

    settings: Settings
    name: str = "native"

    @property
    def data(self) -> Path:
        """See `Runtime`."""
        return self.settings.data_dir

    def prepare(self) -> None:
        """Draw the key of calls that write, and fetch the jars of Cassandra and of the connector."""
        refuse_paths(self.settings)
        draw_api_key(self.settings.root, self.settings.environ)
        for jars in (CONNECTOR, CASSANDRA):
            fetch_shown(self.settings, jars)

    def up(self, services: Sequence[str] = GROUPS) -> None:
        """See `Runtime`."""
        up(self.settings, services)

    def down(self, volumes: bool = False) -> None:
        """See `Runtime`."""
        down(self.settings, volumes)

    def status(self) -> list[State]:
        """See `Runtime`."""
        return status(self.settings)

    def logs(self, service: str | None, follow: bool) -> int:
        """See `Runtime`."""
        return print_logs(self.settings, service, follow)

    def scale(self) -> None:
        """See `Runtime`; the workers share the memory anew, so those that run are started again."""
        up(self.settings, ("spark",))

    def schema(self) -> None:
        """See `Runtime`."""
        apply_schema(self.settings)

    def rollback(self, kind: str) -> None:
        """See `Runtime`."""
        run_module(self.settings, "cql.active", "rollback", "--kind", kind)

    def submit(self, job: str, args: list[str], output: IO[str] | None = None) -> int:
        """See `Runtime`."""
        return submit(self.settings, job, args, output)

    def application(self) -> Application:
        """See `Runtime`."""
        return application(self.settings)

    def spark_sql(self, args: Sequence[str]) -> int:
        """See `Runtime`."""
        return spark_sql(self.settings, args)

    def clean(self, data: bool) -> None:
        """See `Runtime`."""
        clean(self.settings, data)
