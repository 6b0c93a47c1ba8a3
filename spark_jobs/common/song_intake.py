"""What a run of build_songplays takes in: all files, or those that are new beside what the active run has read."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from spark_jobs.common.runs import Run, write_whole
from spark_jobs.common.song_files import KINDS, Rules, SongFiles, add_earlier, clean_lines, unread
from spark_jobs.transforms.song_events import check_events, check_songs, first_events, first_songs

MANIFEST = "files.json"  # of a run: path → SHA-256 of every file that it stands for


def take_in(
    spark: SparkSession,
    run: Run,
    files: dict[str, SongFiles],
    folder: Path,
    before: Path | None,
    max_rejected_share: float,
) -> None:
    """Write clean and rejected rows of every file to `folder`; files that the run in `before` read are not read again.

    Raises:
        JobError: see `clean_lines`.
    """
    until = int(run.started_at.timestamp())
    rules: dict[str, Rules] = {
        "song_data": Rules(check_songs, first_songs),
        "log_data": Rules(partial(check_events, until=until), first_events),
    }
    fresh = new_files(files, before)
    write_whole(folder / MANIFEST, {kind: files[kind].digests for kind in KINDS})
    run.fact("incremental", before is not None and fresh is not files)
    staging = folder / "fresh"
    for kind in KINDS:
        run.count(f"{kind}.files", len(files[kind].digests))
        run.count(f"{kind}.files.read", len(fresh[kind].digests))
        run.count(f"{kind}.files.hidden", files[kind].hidden)
        if fresh is files or before is None:
            clean_lines(spark, run, kind, files[kind], rules[kind], folder, max_rejected_share)
            continue
        if fresh[kind].digests:
            clean_lines(spark, run, kind, fresh[kind], rules[kind], staging, max_rejected_share)
        with run.step(f"add earlier {kind}"):
            add_earlier(spark, kind, rules[kind].first, staging, before, folder)
    shutil.rmtree(staging, ignore_errors=True)


def new_files(files: dict[str, SongFiles], before: Path | None) -> dict[str, SongFiles]:
    """The files that the run in `before` has not read; all of them when it read others or there is none."""
    if before is None or not (before / MANIFEST).is_file():
        return files
    known = json.loads((before / MANIFEST).read_text(encoding="utf-8"))
    fresh = {kind: unread(files[kind], known[kind]) for kind in KINDS}
    return files if None in fresh.values() else {kind: found for kind, found in fresh.items() if found is not None}
