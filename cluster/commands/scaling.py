"""Measure the pipeline at several numbers of workers, one core each as far as there are cores (`make scale`).

The data that are there are cleaned, stored, learned from and published anew at each number of workers; afterwards
there are as many workers as before. What the runs took is in their records, from which the job `report_scaling` makes
the report.

Example: python -m cluster.commands.scaling 1 2 4
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace

from cluster.choose import choose
from cluster.errors import ClusterError, exit_with_message
from cluster.pipeline import Pipeline
from cluster.settings import Settings
from cluster.steps import CLEAN, Step, learning

ANEW = {CLEAN: ("--force",)}  # else it finds that there is nothing to do


def main() -> int:
    """The command line; returns the exit code."""
    cores = os.cpu_count() or 1
    counts = [_count(word) for word in sys.argv[1:]] or [1, max(2, cores)]
    own = _pipeline({})
    own.runtime.up(("cassandra", "spark"))
    try:
        for workers in counts:
            share = {"WORKERS": str(workers), "SPARK_WORKER_CORES": str(max(1, cores // max(counts)))}
            pipeline = _pipeline(share)
            pipeline.runtime.scale()
            print(f"{workers} worker{'s' if workers > 1 else ''}:", flush=True)
            with pipeline.application:
                for step in learning(pipeline.source, pipeline.settings.unvalidated, scale=pipeline.settings.scale):
                    _measure(pipeline, replace(step, flags=(*step.flags, *ANEW.get(step.name, ()))))
    finally:
        own.runtime.scale()
    return own.runtime.submit("report_scaling", [])


def _pipeline(chosen: dict[str, str]) -> Pipeline:
    settings = Settings.from_env({**os.environ, **chosen})
    return Pipeline(settings, choose(settings))


def _measure(pipeline: Pipeline, step: Step) -> None:
    began = time.monotonic()
    pipeline.run_step(step)
    print(f"  {step.name}: {time.monotonic() - began:.0f} s", flush=True)


def _count(word: str) -> int:
    if not word.isdigit() or int(word) < 1:
        raise ClusterError(f"{word!r} is no number of workers: python -m cluster.commands.scaling 1 2 4")
    return int(word)


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
