"""Measure the pipeline at several numbers of workers, one core each as far as there are cores (`make scale`).

The data that are there are cleaned, stored, learned from and published anew at each number of workers; afterwards
there are as many workers as before. What the runs took is in their records, from which the job `report_scaling` makes
the report.

Example: python -m cluster.scaling 1 2 4
"""

from __future__ import annotations

import os
import sys
import time

from cluster.errors import ClusterError, exit_with_message
from cluster.fetch_movielens import DataSource
from cluster.pipeline import jobs
from cluster.runtime import Runtime, choose
from cluster.settings import Settings

ANEW = {"preprocess_movielens": ["--force"]}  # else it finds that there is nothing to do


def main() -> int:
    """The command line; returns the exit code."""
    cores = os.cpu_count() or 1
    counts = [_count(word) for word in sys.argv[1:]] or [1, max(2, cores)]
    own = choose(Settings.from_env())
    source = DataSource.load(Settings.from_env().data_dir / "raw")
    own.up(("cassandra", "spark"))
    try:
        for workers in counts:
            share = {"WORKERS": str(workers), "SPARK_WORKER_CORES": str(max(1, cores // max(counts)))}
            runtime = choose(Settings.from_env({**os.environ, **share}))
            runtime.scale()
            print(f"{workers} worker{'s' if workers > 1 else ''}:", flush=True)
            for job, args in jobs(source):
                _measure(runtime, job, [*args, *ANEW.get(job, [])])
    finally:
        own.scale()
    return own.submit("report_scaling", [])


def _measure(runtime: Runtime, job: str, args: list[str]) -> None:
    log = Settings.from_env().run_dir / "logs" / f"scale-{job}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        if runtime.submit(job, args, output):
            raise ClusterError(f"{job} failed; its log is {log}.")
    print(f"  {job}: {time.monotonic() - began:.0f} s", flush=True)


def _count(word: str) -> int:
    if not word.isdigit() or int(word) < 1:
        raise ClusterError(f"{word!r} is no number of workers: python -m cluster.scaling 1 2 4")
    return int(word)


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
