"""Reports of the lab's jobs: files that appear whole, a row in reports_by_subject last, older ones deleted."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from cql.connect import listens
from domain.contract.report_files import json_of
from spark_jobs.storage import folders
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import CassandraTables, Tables, parse_tables

log = logging.getLogger(__name__)

KEPT = 30  # reports of a subject: a month of nightly runs, for the trend
KEPT_LISTS = 3  # of them, with their rows of outliers_by_run
REPORTS, OUTLIERS = "reports_by_subject", "outliers_by_run"


def store_report(
    spark: SparkSession,
    run: Run,
    tables: Tables | None,
    subject: str,
    verdict: str,
    report: dict[str, Any],
    outliers: list[dict[str, Any]] | None = None,
    first: str = "",
) -> None:
    """Write `outliers` (rows of outliers_by_run without their partition key), then the row by which they are found.

    The verdict with the report's `sentence` (or `because`) is a finding of the run also where there are no tables;
    `first` is said of what there is a list of.
    """
    sentence = str(report.get("sentence") or report.get("because") or verdict)
    run.finding(f"report.{subject}", verdict, sentence, first)
    if tables is None:
        return
    with run.step("store the report") as step:
        key = {"run_id": run.run_id, "subject": subject}
        if rows := [{**row, **key} for row in outliers or []]:
            tables.insert(spark, OUTLIERS, rows)
            step.rows = len(rows)
        text = json_of(report)
        tables.insert(spark, REPORTS, [{**key, "dataset_id": run.dataset_id, "verdict": str(verdict), "report": text}])
        _delete_old(spark, tables, subject, with_lists=outliers is not None)


def is_stored(spark: SparkSession, tables: Tables, subject: str, run_id: str) -> bool:
    """Whether the tables have the report of that run."""
    return run_id in tables.column(spark, REPORTS, "run_id", {"subject": subject})


@contextmanager
def report_folder(run: Run) -> Iterator[Path]:
    """The folder of the run's report to fill; complete at the end, without an error. What failed runs left goes."""
    final = run.paths.report(run.run_id)
    for left in folders.abandoned(final.parent):
        folders.discard(left)
    with folders.attempt(final) as folder:
        yield folder
        folders.complete(final)
    run.report = final


def _delete_old(spark: SparkSession, tables: Tables, subject: str, *, with_lists: bool) -> None:
    """Delete the list that the new report has pushed out of the kept ones, and the reports that are too many.

    Earlier lists went when they were pushed out; one that a kill has left goes with its report. Lists first: a report
    without its list is found again by the next run, a list without its report never.
    """
    runs = sorted(tables.column(spark, REPORTS, "run_id", {"subject": subject}), reverse=True)
    reports = runs[KEPT:]
    if with_lists and (lists := runs[KEPT_LISTS : KEPT_LISTS + 1] + reports):
        tables.delete(spark, OUTLIERS, _keys(spark, subject, lists))
    if reports:
        tables.delete(spark, REPORTS, _keys(spark, subject, reports))


def _keys(spark: SparkSession, subject: str, runs: list[str]) -> DataFrame:
    rows = spark.createDataFrame([(subject, run) for run in runs], "subject string, run_id string")
    return rows.coalesce(1)  # each task connects to Cassandra


def tables_or_none(text: str) -> Tables | None:
    """The argparse type of `--tables` of a job that also works without: `auto`, `none`, or as `parse_tables`.

    `auto` is Cassandra when something listens at its address: reports on a CSV file need no cluster.
    """
    if text == "none":
        return None
    if text != "auto":
        try:
            return parse_tables(text)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentTypeError(f"{error}, nor «auto», nor «none»") from error
    tables = parse_tables("cassandra")
    if isinstance(tables, CassandraTables) and not listens(tables.contact):
        log.warning("Cassandra does not listen at %s: the report is written to files only.", tables.contact.address)
        return None
    return tables


def add_tables_flag(parser: argparse.ArgumentParser) -> None:
    """`--tables` of the lab's jobs."""
    parser.add_argument(
        "--tables", type=tables_or_none, default="auto", help="cassandra, parquet:DIR, none or auto (the default)"
    )
