"""A generated set of song plays, and the job run on it, for the tests of the job and those of the site."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from cql.kinds import Kind
from domain.contract.songplays import PLAY
from domain.generators.songs import SongSizes, event_block
from spark_jobs import build_songplays, generate_songplays
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables

SIZES = SongSizes(songs=60, listeners=30, events=1500, days=4, dirt_share=0.02)
SEED = 3


@dataclass(frozen=True)
class SongWorld:
    """The data folder with the two runs."""

    paths: Paths
    generated: Run
    built: Run


def make_song_world(spark: SparkSession, paths: Paths) -> SongWorld:
    """Generate and build; the tables are Parquet."""
    generated = Run("generate_songplays", paths, {})
    generate_songplays.main(spark, generated, **vars(SIZES), seed=SEED, out=None)
    return SongWorld(paths, generated, build(spark, paths))


def build(spark: SparkSession, paths: Paths, **flags: Any) -> Run:
    """Run the job with its usual flags but those given."""
    run = Run("build_songplays", paths, {})
    parser = argparse.ArgumentParser()
    build_songplays.add_arguments(parser)
    usual = vars(parser.parse_args(["--tables", f"parquet:{paths.root / 'tables'}", "--rank", "8"]))
    build_songplays.main(spark, run, **{**usual, **flags})
    return run


def published(paths: Paths) -> Path:
    """Where `build` leaves the folders of its runs: beside its tables."""
    return Paths(paths.root / "tables").published(Kind.SONGPLAYS)


def table(spark: SparkSession, paths: Paths, run: Run, name: str) -> list[tuple[Any, ...]]:
    """The rows of a run in a table, in an order that does not depend on the run."""
    rows = ParquetTables(paths.root / "tables").read(spark, name).where(f"run_id = '{run.run_id}'").drop("run_id")
    return sorted((tuple(row) for row in rows.collect()), key=repr)


def good_events() -> list[dict[str, Any]]:
    """The good events, in order of time."""
    blocks = [event_block(SEED, SIZES, block) for block in range(SIZES.blocks)]
    return sorted((event for block in blocks for event in block.events), key=lambda event: event["ts"])


def good_plays() -> list[dict[str, Any]]:
    """Those of them that are plays."""
    return [event for event in good_events() if event["page"] == PLAY]


def log_line(**changes: Any) -> str:
    """A line of a log: one play, but for what is named."""
    event = {"artist": "A", "song": "S", "length": 100.0, "page": PLAY, "level": "free", "userId": "1", "sessionId": 1}
    return json.dumps({**event, "itemInSession": 0, "ts": 1541106106796, **changes})
