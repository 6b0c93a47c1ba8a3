"""Make up measurements of servers, a few of them ill, for detect_outliers: some to look at and some with the truth.

Reads: nothing
Writes: OUT/{metrics,validation,labels}.csv; OUT appears whole.
Example: make job JOB=generate_servers
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pyspark.sql import SparkSession

from domain.contract.generated import MARKER, mark
from spark_jobs.generators.output import replacing
from spark_jobs.generators.servers import write_servers
from spark_jobs.run import cli, flags
from spark_jobs.storage.record import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the job."""
    parser.add_argument("--seed", type=flags.positive, default=42, help="the same seed, the same bytes (default: 42)")
    parser.add_argument("--out", type=flags.folder, help="folder to make anew (default: DATA_DIR/raw/servers)")


def main(spark: SparkSession, run: Run, *, seed: int, out: Path | None) -> None:
    """Draw the measurements and publish the folder; a few hundred lines need no task."""
    folder = out or run.paths.raw("servers")
    with replacing(folder, "set of servers", MARKER) as staged:
        with run.step("write the measurements") as step:
            step.rows = write_servers(staged, seed)
        mark(staged, run.job)
    run.count("servers", step.rows)
    run.say(f"made: measurements of {step.rows} servers in {folder}")


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
