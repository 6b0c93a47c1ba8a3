"""What a run of build_songplays takes in: all files, or those that are new beside what the active run has read."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from domain.contract.files import write_json
from spark_jobs.songs.files import KINDS, SongFiles, unread
from spark_jobs.songs.lines import Rules, clean_lines
from spark_jobs.songs.transforms.events import LINES, RULES, check_events, check_songs, first_events, first_songs
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

SHOWN = 5  # names in a message
MANIFEST = "files.json"  # of a run: path → SHA-256 of every file that it stands for, and the version of the rules


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
    rules = {
        "song_data": Rules(check_songs, first_songs),
        "log_data": Rules(partial(check_events, until=until), first_events),
    }
    version = rules_version(spark, rules)
    fresh = new_files(files, before, version)
    if fresh is files:
        before = None
    write_json(folder / MANIFEST, {"rules": version} | {kind: files[kind].digests for kind in KINDS})
    run.fact("incremental", before is not None)
    for kind in KINDS:
        run.count(f"{kind}.files", len(files[kind].digests))
        run.count(f"{kind}.files.read", len(fresh[kind].digests))
        run.count(f"{kind}.files.hidden", files[kind].hidden)
        if others := files[kind].others:
            shown = ", ".join(others[:SHOWN]) + (", …" if len(others) > SHOWN else "")
            log.warning("%s: %d files are not read, as they are no JSON by their names: %s", kind, len(others), shown)
        clean_lines(spark, run, kind, fresh[kind], before, rules[kind], folder, max_rejected_share)


def rules_version(spark: SparkSession, rules: Mapping[str, Rules]) -> str:
    """The version of what is clean: the number that is kept by hand, and a hash of the columns, such as 1-3f2a91c4."""
    nothing = spark.createDataFrame([], LINES)
    columns = json.dumps([rules[kind].check(nothing).dtypes for kind in KINDS])
    return f"{RULES}-{hashlib.sha256(columns.encode()).hexdigest()[:8]}"


def new_files(files: dict[str, SongFiles], before: Path | None, version: str) -> dict[str, SongFiles]:
    """The files that the run in `before` has not read; all when it read others, by other rules, or there is none."""
    if before is None or not (before / MANIFEST).is_file():
        return files
    known = json.loads((before / MANIFEST).read_text(encoding="utf-8"))
    if known.get("rules") != version:
        return files
    fresh = {kind: unread(files[kind], known[kind]) for kind in KINDS}
    return files if None in fresh.values() else {kind: found for kind, found in fresh.items() if found is not None}
