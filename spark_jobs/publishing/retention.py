"""What stays of published runs and data sets: the rest is deleted by key, never by scanning other runs' rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql import TABLES
from cql.active import ActiveRun
from domain.contract.runs import Status
from spark_jobs.models import saved
from spark_jobs.publishing.active import CLEANING, ActiveRuns
from spark_jobs.run import cli
from spark_jobs.storage import folders
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables

log = logging.getLogger(__name__)

COPIES = {  # table → folder of its Parquet copy under published/<run_id>
    "recommendations_by_user": "recommendations",
    "similar_by_movie": "similar",
    "popular_by_genre": "popular",
}
# Their rows name the keys of every other table of a data set, so they are deleted last.
KEY_TABLES = ("users_by_id", "movies_by_id", "movies_by_term")


@dataclass(frozen=True)
class Publications:
    """The published runs of one job: a folder for each, with a Parquet copy of what it wrote to each table."""

    folder: Path
    copies: Mapping[str, str]  # table → folder of its copy


def make_room(run: Run, delete: Callable[[], list[str]]) -> None:
    """Delete what nobody needs. The new run is already active: an error here is told, and mended by the next run."""
    try:
        with run.step("delete old runs and data sets"):
            run.fact("deleted", delete())
    except Exception as error:
        run.fact("left_behind", cli.message(error))
        log.warning("Published, but old rows could not all be deleted: %s. The next run tries again.", error)


def heal(folder: Path, runs: ActiveRuns, active: ActiveRun | None) -> None:
    """Finish the active run's bookkeeping where its process ended between the flip and its own last word.

    It may have been killed before its folder was complete, or while it made room: then all is there but the status,
    without which no rollback would choose it. Newer runs were left by a rollback, whatever they called themselves when
    they ended after it. `folder` has the published runs of the job.
    """
    if active is None:
        return
    if folder / active.run_id in folders.abandoned(folder):
        folders.complete(folder / active.run_id)
    runs.mark(runs.job, [active.run_id], Status.DONE)
    runs.mark(runs.job, [run_id for run_id in published(folder) if run_id > active.run_id], Status.WITHDRAWN)


def published(folder: Path) -> list[str]:
    """Runs that were once active and are still kept, newest first."""
    return sorted((each.name for each in folder.glob("[!.]*")), reverse=True)


def delete_old_runs(
    spark: SparkSession, publications: Publications, tables: Tables, runs: ActiveRuns, keep: int
) -> list[str]:
    """Delete all but the last `keep` published runs and the active one, and every attempt that was given up.

    Withdrawn runs take no places: of those that a rollback may choose the last `keep` stay as well.

    The keys come from the Parquet copies, which are complete before the first row of a table is written. A run is
    marked first, so that a rollback does not choose it any more, and its folder goes last, so that a kill half-way is
    made good by the next call. Returns the deleted runs.
    """
    folder = publications.folder
    old = _old(published(folder), runs.withdrawn(), keep) + [final.name for final in folders.abandoned(folder)]
    deleted = []
    for run_id in old:
        if _is_active(runs, run_id):
            continue
        runs.mark(runs.job, [run_id], Status.DELETED)
        for table, name in publications.copies.items():
            _delete_copied(spark, tables, table, folders.contents(folder / run_id) / name)
        folders.discard(folder / run_id)
        deleted.append(run_id)
    return deleted


def _old(found: list[str], withdrawn: set[str], keep: int) -> list[str]:
    """Those of the runs `found`, newest first, that are neither of the last `keep` nor of the last to go back to."""
    usable = [run_id for run_id in found if run_id not in withdrawn]
    return [run_id for run_id in found[keep:] if run_id not in usable[:keep]]


def _is_active(runs: ActiveRuns, run_id: str) -> bool:
    active = runs.get()
    return active is not None and active.run_id == run_id


def _delete_copied(spark: SparkSession, tables: Tables, table: str, copy: Path) -> None:
    if (copy / "_SUCCESS").exists():  # without it no row was written to the table either
        tables.delete(spark, table, spark.read.parquet(str(copy)).select(*TABLES[table].partition_key).distinct())


def delete_old_datasets(
    spark: SparkSession, paths: Paths, publications: Publications, tables: Tables, runs: ActiveRuns
) -> list[str]:
    """Delete the rows of data sets that neither a kept run nor the clean data set needs; returns their ids.

    While a newer cleaning than that of the clean data set is under way, all stay: it may be storing one of them.
    """
    known = runs.cleanings()
    clean = clean_dataset(paths)
    if any(run.status == Status.RUNNING and run.run_id > clean["run_id"] for run in known):
        return []
    folder = publications.folder
    kept = {saved.load(folder / run_id).about["dataset_id"] for run_id in published(folder)}
    needed = {clean["dataset_id"], *kept}
    if (active := runs.get()) is not None:
        needed.add(active.dataset_id)
    old = {run.dataset_id for run in known if run.status != Status.DELETED and run.dataset_id} - needed
    if old:
        delete_dataset_rows(spark, tables, old)
        runs.mark(CLEANING, [run.run_id for run in known if run.dataset_id in old], Status.DELETED)
    return sorted(old)


def delete_dataset_rows(spark: SparkSession, tables: Tables, dataset_ids: Iterable[str]) -> None:
    """Delete all rows of the data sets.

    Costs one pass over the keys of users, movies and search terms of every stored data set, about as many rows as there
    are users and six times the movies; ratings, the large table, are deleted by those keys without being read.
    """
    wanted = sorted(dataset_ids)
    keys = {TABLES[table].partition_key: _keys(tables.read(spark, table), table, wanted) for table in KEY_TABLES}
    keys["dataset_id",] = spark.createDataFrame([(dataset_id,) for dataset_id in wanted], "dataset_id string")
    of_datasets = [name for name, table in TABLES.items() if "dataset_id" in table.partition_key]
    for table in sorted(of_datasets, key=KEY_TABLES.__contains__):
        tables.delete(spark, table, keys[TABLES[table].partition_key])


def _keys(rows: DataFrame, table: str, dataset_ids: list[str]) -> DataFrame:
    """Partition keys of the data sets, held in memory: the rows that they come from are deleted too."""
    keys = rows.select(*TABLES[table].partition_key).where(F.col("dataset_id").isin(dataset_ids)).distinct()
    return keys.localCheckpoint()
