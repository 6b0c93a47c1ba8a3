"""What people did on the site, read once for a cleaning, and merged into the staged ratings of the files."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from domain.contract.movielens import Scale
from spark_jobs.movielens.cleaned import Cleaned
from spark_jobs.movielens.transforms.interactions import (
    RATING,
    Change,
    classify_interactions,
    digest,
    merge_ratings,
)
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import swap_in
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, account
from spark_jobs.storage.tables import Tables

TABLE = "interactions_by_user"
COLUMNS = (*RATING, "hidden_at")
NAME = "interactions"  # in counts, and of the folders of clean and rejected ones
CLOCKS = 300  # seconds by which the clock of a site may be ahead of this one
REJECTED = ("reason", "file", "line", "field", "value", "text")


@dataclass(frozen=True)
class Interactions:
    """The table as it was when the run began: a copy in a folder of the run, None where there is nothing in it.

    `digest` is another one when a rating is another one; empty when there is none. `until` is when it was read, in
    seconds since 1970.
    """

    copy: Source | None = None
    rated: int = 0
    digest: tuple[str, ...] = ()
    until: int = 0


def read_interactions(spark: SparkSession, run: Run, tables: Tables, work: Path) -> Interactions:
    """Copy the table to a folder below `work`, so that all that follows sees the same while people go on rating."""
    if tables.is_empty(TABLE):
        return Interactions()
    with run.step("read what people did on the site") as step:
        copy = Source(work / NAME)
        tables.read(spark, TABLE).select(*COLUMNS).write.parquet(str(copy.path))
        found = Interactions(copy, until=int(time.time()) + CLOCKS)
        (figures,) = digest(copy.read(spark)).collect()
        step.rows = copy.count()
    run.count(f"{NAME}.hidden", figures["hidden"])
    if not figures["rated"]:
        return found
    return replace(found, rated=figures["rated"], digest=(f"{figures['rated']}:{figures['sum']}",))


def merge_interactions(spark: SparkSession, run: Run, cleaned: Cleaned, found: Interactions, scale: Scale) -> None:
    """Merge them into the staged clean ratings, count what they changed, and say it.

    Raises:
        JobError: the merged ratings are not as many as they should be.
    """
    if not found.rated:
        return
    with run.step("merge what people did on the site") as step:
        step.rows = found.rated
        accepted = _accepted(spark, run, cleaned, found, scale)
        changed = _replace_ratings(spark, run, cleaned, accepted.read(spark))
    for change, count in changed.items():
        run.count(f"ratings.{change}", count)
    told = ", ".join(f"{count:,} {change}" for change, count in changed.items())
    run.say(f"ratings of the site: {told}; {run.counts[f'{NAME}.hidden']:,} movies hidden")


def _accepted(spark: SparkSession, run: Run, cleaned: Cleaned, found: Interactions, scale: Scale) -> Source:
    """The accepted interactions; however many are rejected, none ends the run: nobody can mend them in a file."""
    assert found.copy is not None
    clean, rejected = (Source(cleaned.staged(side, NAME)) for side in ("clean", "rejected"))
    movies = Source(cleaned.staged("clean", "movies")).read(spark)
    rows = classify_interactions(found.copy.read(spark), movies, scale, found.until)
    placed = rows.withColumn("file", F.lit(TABLE)).withColumn("line", F.lit(None).cast("long"))
    rows.where(F.col("reason").isNull()).select(*RATING).write.parquet(str(clean.path))
    placed.where(F.col("reason").isNotNull()).select(*REJECTED).write.parquet(str(rejected.path))
    account(run, Cleaning(NAME, Path(TABLE), found.rated, clean, rejected, highest_share=1.0, unit="rows"))
    return clean


def _replace_ratings(spark: SparkSession, run: Run, cleaned: Cleaned, interactions: DataFrame) -> dict[Change, int]:
    """Put the merged ratings in the place of those of the files; how many of them changed, and how."""
    of_files, merged = Source(cleaned.staged("clean", "ratings")), Source(cleaned.staged("clean", "merged-ratings"))
    rows = merge_ratings(of_files.read(spark), interactions)
    seen = Observation()
    counts = [F.count(F.when(F.col("change") == str(change), True)).alias(str(change)) for change in Change]
    kept = rows.observe(seen, *counts).where(F.col("rating").isNotNull())
    kept.select(*RATING).write.parquet(str(merged.path))
    changed = {change: int(seen.get[str(change)]) for change in Change}
    expected = run.counts["ratings.clean"] + changed[Change.ADDED] - changed[Change.REMOVED]
    if (count := merged.count()) != expected:
        raise JobError(f"{count:,} ratings after merging those of the site, instead of {expected:,}. Run again.")
    swap_in(merged.path, of_files.path)
    return changed
