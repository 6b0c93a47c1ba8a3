"""Report how the pipeline's run time follows the number of workers, and what that predicts for more of them.

Run times are those of the jobs' own records, the latest of the current data set for each number of workers: `make
scale` measures them. Seconds for more workers follow from the measured serial share, marked as a prediction.

Reads: DATA_DIR/runs, DATA_DIR/clean/dataset.json
Writes: DATA_DIR/reports/<run_id>/run_time_by_nodes.csv; table insights_by_dataset
Example: make job JOB=report_scaling
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from domain.contract.insights import Insight
from domain.contract.runs import Status
from domain.statistics.scaling import Amdahl
from spark_jobs.run import cli
from spark_jobs.storage import folders
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables, parse_tables

PIPELINE = ("preprocess_movielens", "train_als", "publish_recommendations")
PREDICTED = (4, 8, 16, 32, 64)  # workers
COLUMNS = ("nodes", "job", "seconds", "kind")
ALL = "all"
Row = tuple[int, str, float, str]  # of COLUMNS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of report_scaling."""
    parser.add_argument("--tables", type=parse_tables, default="cassandra", help="or parquet:DIR (default: cassandra)")


def main(spark: SparkSession, run: Run, *, tables: Tables) -> None:
    """Collect the run times, write the report, and put the figure among those of the data set."""
    run.dataset_id = clean_dataset(run.paths)["dataset_id"]
    measured = run_times(_records(run.paths.root / "runs"), run.dataset_id)
    run.count("numbers_of_nodes", len(measured))
    if len(measured) < 2:
        raise JobError("Fewer than two numbers of workers were measured on these data: run `make scale`.")
    totals = {nodes: sum(jobs.values()) for nodes, jobs in measured.items()}
    model = Amdahl.fitted(list(totals), list(totals.values()))
    run.metric("serial_share", model.serial_share)
    rows = [(nodes, job, seconds, "measured") for nodes, jobs in measured.items() for job, seconds in jobs.items()]
    rows += [(nodes, ALL, round(seconds, 3), "measured") for nodes, seconds in totals.items()]
    rows += [(n, ALL, round(model.seconds(n), 3), "predicted") for n in PREDICTED if n > max(totals)]
    final = run.paths.report(run.run_id)
    with folders.attempt(final) as folder:
        _write_csv(folder / "run_time_by_nodes.csv", rows)
        folders.complete(final)
    _write_figure(spark, run, tables, [row for row in rows if row[1] == ALL])
    run.report = final
    run.say(f"serial share {model.serial_share:.2f}, from {len(measured)} numbers of workers")


def run_times(records: Iterable[dict[str, Any]], dataset_id: str) -> dict[int, dict[str, float]]:
    """Seconds of each job of the pipeline by the number of workers, rising; those without all of the jobs are left out.

    Of several runs with as many workers the latest counts; a cleaning that found nothing to do does not.
    """
    by_workers: dict[int, dict[str, float]] = {}
    for record in sorted(records, key=lambda record: str(record["run_id"])):
        facts = record["facts"]
        if record["job"] not in PIPELINE or record["status"] != Status.DONE or record["dataset_id"] != dataset_id:
            continue
        if "cluster" in facts and not facts.get("unchanged"):
            by_workers.setdefault(facts["cluster"]["workers"], {})[record["job"]] = record["seconds"]
    return {workers: jobs for workers, jobs in sorted(by_workers.items()) if len(jobs) == len(PIPELINE)}


def _records(folder: Path) -> Iterable[dict[str, Any]]:
    return (json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json"))


def _write_csv(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


def _write_figure(spark: SparkSession, run: Run, tables: Tables, rows: list[Row]) -> None:
    nodes, _, seconds, kind = zip(*rows, strict=True)
    columns = json.dumps({"nodes": nodes, "seconds": seconds, "kind": kind})
    frame = spark.createDataFrame(
        [(run.dataset_id, str(Insight.RUN_TIME_BY_NODES), columns)], "dataset_id string, name string, data string"
    )
    tables.write(spark, "insights_by_dataset", frame)


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
