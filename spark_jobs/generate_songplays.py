"""Make songs and event logs of a music service, of any size, in the form that build_songplays reads.

The run record has what is true of them: plays, plays on each level, and the bad and repeated lines by reason.

Reads: nothing
Writes: OUT/song_data/**/*.json, one song a file; OUT/log_data/**/*.json, one event a line; OUT appears whole.
Example: make job JOB=generate_songplays ARGS="--events 1000000 --days 30"
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from domain.contract.generated import MARKER, mark
from domain.generators.songs import EventBlock, SongSizes, song
from spark_jobs.generators.output import replacing
from spark_jobs.generators.transforms.songs import made_blocks
from spark_jobs.run import cli, flags
from spark_jobs.storage.record import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the job."""
    parser.add_argument("--songs", type=flags.positive, default=300, help="in the song data (default: 300)")
    parser.add_argument("--listeners", type=flags.positive, default=200, help="default: 200")
    parser.add_argument("--events", type=flags.positive, default=20_000, help="about so many (default: 20000)")
    parser.add_argument("--days", type=flags.positive, default=30, help="from 2018-11-01 on (default: 30)")
    parser.add_argument("--seed", type=flags.positive, default=42, help="the same seed, the same bytes (default: 42)")
    parser.add_argument(
        "--dirt-share", type=flags.minority, default=0.01, help="bad and repeated lines an event (default: 0.01)"
    )
    parser.add_argument("--out", type=flags.folder, help="folder to make anew (default: DATA_DIR/raw/songs)")


def main(spark: SparkSession, run: Run, *, seed: int, out: Path | None, **given: Any) -> None:
    """Let tasks write the files, and publish the folder; `given` are the fields of `SongSizes`."""
    sizes = SongSizes(**given)
    with replacing(out or run.paths.raw("songs"), "set", MARKER) as staged:
        with run.step("write the logs") as step:
            truths = made_blocks(spark, seed, sizes, partial(write_block, staged))
            for row in truths.groupBy("name").agg(F.sum("value").alias("value")).collect():
                run.count(row["name"], row["value"])
            step.rows = run.counts["truth.events"]
        with run.step("write the songs") as step:
            numbers = spark.sparkContext.range(sizes.songs)
            numbers.foreach(lambda number: write_song(staged, song(seed, sizes, number)))
            step.rows = sizes.songs
        run.count("truth.songs", sizes.songs)
        mark(staged, run.job)
    made = f"{run.counts['truth.songs']:,} songs and {run.counts['truth.events']:,} events"
    run.say(f"made: {made} in {out or run.paths.raw('songs')}")


def write_block(root: Path, block: EventBlock) -> None:
    """Write a file of log_data; a task that is tried again writes the same bytes."""
    path = root / "log_data" / block.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(block.lines()) + "\n", encoding="utf-8")


def write_song(root: Path, fields: dict[str, object]) -> None:
    """Write a file of song_data, in a folder of at most a thousand."""
    song_id = str(fields["song_id"])
    path = root / "song_data" / song_id[-6:-3] / f"{song_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fields, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
