"""Stored data sets that nobody needs any more, and how all of their rows are deleted."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql import TABLES
from domain.contract.runs import Status
from spark_jobs.publishing.active import CLEANING, ActiveRuns
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.tables import Tables

# Their rows name the keys of every other table of a data set, so they are deleted last.
KEY_TABLES = ("users_by_id", "movies_by_id", "movies_by_term")


def delete_old_datasets(
    spark: SparkSession, paths: Paths, kept: Iterable[str], tables: Tables, runs: ActiveRuns
) -> list[str]:
    """Delete the rows of data sets that neither a kept run nor the clean data set needs; returns their ids.

    While a newer cleaning than that of the clean data set is under way, all stay: it may be storing one of them.
    """
    known = runs.cleanings()
    clean = clean_dataset(paths)
    if any(run.status == Status.RUNNING and run.run_id > clean["run_id"] for run in known):
        return []
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
    are users and eleven times the movies; ratings, the large table, are deleted by those keys without being read.
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
