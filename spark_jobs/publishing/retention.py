"""What stays of published runs: the rest is deleted by key, never by scanning other runs' rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import SparkSession

from cql import TABLES
from domain.contract.runs import Status
from spark_jobs.publishing.active import ActiveRuns
from spark_jobs.storage import folders
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.tables import Tables


@dataclass(frozen=True)
class Publications:
    """The published runs of one job: a folder for each, with a Parquet copy of what it wrote to each table."""

    folder: Path
    copies: Mapping[str, str]  # table → folder of its copy
    buckets: Mapping[str, int] = field(default_factory=dict)  # table that readers write to → its partitions of a run


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
        for table, count in publications.buckets.items():
            _delete_buckets(spark, tables, table, run_id, count)
        folders.discard(folder / run_id)
        deleted.append(run_id)
    return deleted


def _old(runs: list[str], withdrawn: set[str], keep: int) -> list[str]:
    """The runs (newest first) that are neither among the last `keep` nor among the last `keep` to go back to."""
    usable = [run_id for run_id in runs if run_id not in withdrawn]
    return [run_id for run_id in runs[keep:] if run_id not in usable[:keep]]


def _is_active(runs: ActiveRuns, run_id: str) -> bool:
    active = runs.get()
    return active is not None and active.run_id == run_id


def _delete_buckets(spark: SparkSession, tables: Tables, table: str, run_id: str, count: int) -> None:
    if not tables.is_empty(table):
        keys = [(run_id, bucket) for bucket in range(count)]
        tables.delete(spark, table, spark.createDataFrame(keys, "run_id string, bucket int"))


def _delete_copied(spark: SparkSession, tables: Tables, table: str, copy: Path) -> None:
    if (copy / "_SUCCESS").exists():  # without it no row was written to the table either
        tables.delete(
            spark, table, spark.read.parquet(spark_path(copy)).select(*TABLES[table].partition_key).distinct()
        )
