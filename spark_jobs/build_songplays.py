"""Build the star schema of song plays from song files and event logs, and publish it under a new run that readers see.

Every object becomes a clean row or a rejected one with its reason. Only files that the active run has not read are
read, with --full all; both end with the same tables. They are written beside those of the active run, counted and read
back; one flip in active_runs shows them all.

Reads: the files of JSON below DIR/song_data and DIR/log_data, packed or not, by default of $SONGS_DIR or
    DATA_DIR/raw/songs
Writes: songplays_by_session, sessions_by_user, listeners_by_id, level_changes_by_user, songs_by_id, artists_by_id,
    times_by_day, tracks_by_id, tracks_by_title, listeners_by_track, top_played_by_scope, similar_by_track,
    songs_by_listener, play_figures_by_run, active_runs; DATA_DIR/songplays/<run_id>, with the star schema in star/
Example: make job JOB=build_songplays ARGS="--songs /path/to/sparkify"
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql.kinds import Kind
from domain.contract.files import plain_path
from domain.contract.songplays import PLAY
from domain.models.settings import with_given
from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.publishing.publisher import publisher
from spark_jobs.run import cli, flags
from spark_jobs.songs.companions import co_played
from spark_jobs.songs.figures import figure_rows
from spark_jobs.songs.files import KINDS, songs_id, survey_songs
from spark_jobs.songs.intake import take_in
from spark_jobs.songs.recommendations import SETTINGS, songs_by_listener
from spark_jobs.songs.transforms import star_schema, table_rows
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables, parse_tables

log = logging.getLogger(__name__)

TABLES = (
    "songplays_by_session",
    "sessions_by_user",
    "listeners_by_id",
    "level_changes_by_user",
    "songs_by_id",
    "artists_by_id",
    "times_by_day",
    "tracks_by_id",
    "tracks_by_title",
    "listeners_by_track",
    "top_played_by_scope",
    "similar_by_track",
    "songs_by_listener",
    "play_figures_by_run",
)
GATHERED = {"songplays_by_session", "listeners_by_track"}  # by what is computed: rows of a partition are in one task
STAR = ("songplays", "users", "songs", "artists", "time")
SCRATCH = "als"  # of the run's folder, while it learns
BY_MONTH = {"songplays", "time"}  # partitioned so; the others are small


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of build_songplays."""
    parser.add_argument(
        "--songs",
        type=flags.folder,
        metavar="DIR",
        help="folder of song_data and log_data (default: $SONGS_DIR, else DATA_DIR/raw/songs)",
    )
    parser.add_argument("--full", action="store_true", help="read all files again, not only new ones")
    parser.add_argument(
        "--tolerance", type=flags.above_zero, default=1.0, help="seconds between play and song (default: 1.0)"
    )
    parser.add_argument("--top", type=flags.positive, default=100, help="in a list of most played (default: 100)")
    parser.add_argument("--similar", type=flags.positive, default=20, help="in a list of similar songs (default: 20)")
    parser.add_argument(
        "--together", type=flags.positive, default=2, help="sessions that similar songs have in common (default: 2)"
    )
    parser.add_argument("--rank", type=flags.positive, default=SETTINGS.rank, help="factors (default: %(default)s)")
    parser.add_argument("--recommended", type=flags.positive, default=50, help="songs for each listener (default: 50)")
    parser.add_argument("--tables", type=parse_tables, default="cassandra", help="cassandra (default) or parquet:DIR")
    parser.add_argument(
        "--max-rejected-share", type=flags.share, default=0.05, help="of the objects of either kind (default: 0.05)"
    )
    parser.add_argument("--keep", type=flags.positive, default=3, help="published runs to keep (default: 3)")


def main(
    spark: SparkSession,
    run: Run,
    *,
    songs: Path | None,
    full: bool,
    tolerance: float,
    top: int,
    similar: int,
    together: int,
    rank: int,
    recommended: int,
    tables: Tables,
    max_rejected_share: float,
    keep: int,
) -> None:
    """Check, clean, build the star, write the tables, and publish."""
    source = songs or plain_path(os.environ.get("SONGS_DIR") or run.paths.raw("songs"))
    with run.step("check the files"):
        files = survey_songs(source)
    run.dataset_id = songs_id(source, files)
    run.fact("source", str(source))
    copies = {table: table for table in TABLES}
    with publisher(spark, run, tables, Kind.SONGPLAYS, copies, keep) as publication:
        folder = publication.folder
        take_in(spark, run, files, folder, None if full else publication.before, max_rejected_share)
        with fitted_shuffles(spark, count_plays(spark, folder)):
            build_star(spark, run, folder, tolerance)
            frames = results(spark, folder, top) | models(spark, folder, similar, together, rank, recommended)
            publication.store_all(frames, GATHERED)
        shutil.rmtree(folder / SCRATCH, ignore_errors=True)
    for kind in KINDS:
        if rejected := run.counts[f"{kind}.rejected"]:
            place = publication.final / f"rejected_{kind}"
            log.info("%s: %s lines are rejected, with reasons in %s", kind, f"{rejected:,}", place)


def count_plays(spark: SparkSession, folder: Path) -> int:
    """How many of the clean events in `folder` are plays.

    Raises:
        JobError: none is, so there is nothing to show.
    """
    if not (plays := Source(folder / "log_data").read(spark).where(F.col("page") == PLAY).count()):
        raise JobError(f"log_data: no event is a play (page {PLAY}), so there is nothing to show.")
    return plays


def build_star(spark: SparkSession, run: Run, folder: Path, tolerance: float) -> None:
    """Write the star schema to `folder`/star and count its rows."""
    events, clean = (Source(folder / kind).read(spark) for kind in ("log_data", "song_data"))

    def write(name: str, rows: DataFrame) -> Source:
        by = ["year", "month"] if name in BY_MONTH else []
        # one file, but what it is made from stays in as many tasks as it is
        (rows if by else rows.repartition(1)).write.partitionBy(*by).parquet(str(folder / "star" / name))
        return Source(folder / "star" / name)

    with run.step("build the star schema") as step:
        written = write("songplays", star_schema.songplays(events, clean, tolerance))
        plays, step.rows = written.read(spark), written.count()
        rows = {
            "users": star_schema.users(events),
            "songs": star_schema.songs(clean),
            "artists": star_schema.artists(clean),
            "time": star_schema.times(plays),
        }
        run.count("star.songplays", step.rows)
        for name, frame in rows.items():
            run.count(f"star.{name}", write(name, frame).count())
    run.count("plays.matched", plays.where("song_id is not null").count())
    for level, count in plays.groupBy("level").count().collect():
        run.count(f"plays.{level}", count)


def results(spark: SparkSession, folder: Path, top: int) -> dict[str, Callable[[], DataFrame]]:
    """How to make the rows of each table, without run_id."""
    plays, users, songs, artists, time = (Source(folder / "star" / name).read(spark) for name in STAR)
    tracks = table_rows.tracks(plays).cache()
    return {
        "songplays_by_session": lambda: table_rows.songplays_by_session(plays),
        "sessions_by_user": lambda: table_rows.sessions_by_user(plays),
        "listeners_by_id": lambda: users,
        "level_changes_by_user": lambda: star_schema.level_changes(Source(folder / "log_data").read(spark)),
        "songs_by_id": lambda: songs,
        "artists_by_id": lambda: artists,
        "times_by_day": lambda: table_rows.times_by_day(time),
        "tracks_by_id": lambda: tracks,
        "tracks_by_title": lambda: table_rows.tracks_by_title(tracks),
        "listeners_by_track": lambda: table_rows.listeners_by_track(plays),
        "top_played_by_scope": lambda: table_rows.top_played(plays, tracks, top),
        "play_figures_by_run": lambda: figure_rows(spark, table_rows.figures(plays)),
    }


def models(
    spark: SparkSession, folder: Path, similar: int, together: int, rank: int, recommended: int
) -> dict[str, Callable[[], DataFrame]]:
    """How to learn the rows of the two tables of lists, without run_id."""
    plays = Source(folder / "star" / "songplays").read(spark)
    tracks, settings = plays.select("track_id").distinct(), with_given(SETTINGS, rank=rank)
    return {
        "similar_by_track": lambda: co_played(spark, plays, together, similar),
        "songs_by_listener": lambda: songs_by_listener(spark, plays, tracks, recommended, settings, folder / SCRATCH),
    }


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
