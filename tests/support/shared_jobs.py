"""Jobs of many tests in one Spark application: each but the first is spared the start of one.

It has all cores of the cluster until it ends, so tests that start jobs otherwise, or kill what it runs on, are marked
`alone`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence

from cluster.application import Application, piped
from cluster.native.spark import environ_of_spark
from cluster.settings import Settings
from spark_jobs.run import application

OWN = ("DATA_DIR", "CASSANDRA_KEYSPACE")  # what a job is told of the test that it is for


class SharedJobs:
    """The application; it begins with a job, and again with one after `end`."""

    def __init__(self, cluster: Settings) -> None:
        self._cluster = cluster
        self._of = cluster
        self._application = Application(self._start, lambda args: [*args, json.dumps(self._own())])

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.support.shared_jobs"]
        return piped(command, self._cluster.root, environ_of_spark(self._cluster))

    def _own(self) -> dict[str, str]:
        return {name: self._of.child_environ()[name] for name in OWN}

    def submit(self, of: Settings, job: str, args: Sequence[str] = ()) -> int:
        """Run a job with the folder and the keyspace of `of`, whose cluster this is; returns its exit code."""
        self._of = of
        return self._application.submit(job, args, sys.stdout)

    def end(self) -> None:
        """Give the cores back."""
        with self._application:
            pass


def told(lines: Iterable[str]) -> Iterator[str]:
    """The jobs of the input, each when what its test has of its own is in the environment."""
    for line in lines:
        job, *args, own = json.loads(line)
        os.environ.update(json.loads(own))
        yield json.dumps([job, *args])


if __name__ == "__main__":
    sys.stdin = told(sys.stdin)  # type: ignore[assignment]
    sys.exit(application.main())
