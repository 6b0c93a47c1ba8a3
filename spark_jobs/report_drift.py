"""Compare recent ratings with earlier ones: what has drifted, how far, and whether to train again.

Reads: DATA_DIR/clean/{ratings,movies}; active_runs
Writes: DATA_DIR/reports/<run_id>/{drift_analysis.csv,drift_by_month.csv,drift.json,drift.html}; a table on standard
    output; the table reports_by_subject
Example: make job JOB=report_drift ARGS="--recent-share 0.2"
"""

from __future__ import annotations

import argparse
from datetime import datetime
from functools import partial

from pyspark.sql import SparkSession

from spark_jobs.drift.counts import by_date, by_share, count
from spark_jobs.drift.figures import drift_figures
from spark_jobs.drift.report import analyse, drift_text, said, write_drift
from spark_jobs.drift.transforms.cuts import cut_by_hash
from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.movielens.rating_files import read_clean
from spark_jobs.publishing.active import active_runs
from spark_jobs.run import cli, flags
from spark_jobs.storage import reports
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of report_drift."""
    parser.add_argument("--recent-share", type=flags.inner_share, default=0.2, help="newest ratings (default: 0.2)")
    parser.add_argument("--date", type=flags.day, help="recent from this day on (UTC), in place of a share: 2018-01-01")
    parser.add_argument("--at-random", action="store_true", help="cut by a hash: shows what no drift looks like")
    parser.add_argument("--seed", type=flags.whole, default=42, help="of --at-random (default: 42)")
    reports.add_tables_flag(parser)


def main(
    spark: SparkSession,
    run: Run,
    *,
    recent_share: float,
    date: datetime | None,
    at_random: bool,
    seed: int,
    tables: Tables | None,
) -> None:
    """Cut, count both sides, compare, report."""
    run.dataset_id = clean_dataset(run.paths)["dataset_id"]
    ratings = read_clean(spark, run.paths.clean / "ratings")
    cut = partial(by_share, share=1 - recent_share)
    if at_random:
        cut = partial(cut_by_hash, share=1 - recent_share, seed=seed)
    elif date is not None:
        cut = partial(by_date, date=date)
    # shuffles of counts only, however many ratings there are
    with run.step("cut and count") as step, fitted_shuffles(spark, rows=0):
        counts = count(cut(ratings), Source(run.paths.clean / "movies").read(spark))
        step.rows = int(counts.sides["ratings"].sum())
    report = {"run_id": run.run_id, "dataset_id": run.dataset_id, "generated": run.generated, **analyse(counts)}
    for feature in report["features"]:
        for figure in ("psi", "js", "share"):
            if feature.get(figure) is not None:
                run.metric(f"{figure}.{feature['feature'].replace(' ', '_')}", feature[figure])
    verdict = {name: report[name] for name in ("verdict", "retrain", "because")}
    run.fact("drift", {**verdict, "published": _published(tables)})
    with reports.report_folder(run) as folder:
        write_drift(folder, report)
    print(drift_text(report))
    shown = {**report, "figures": drift_figures(report)}
    reports.store_report(spark, run, tables, "drift", report["verdict"], shown)
    run.say(said(report))


def _published(tables: Tables | None) -> dict[str, str] | None:
    """The run that readers see now and the data set that it learned from, for who decides on training."""
    active = active_runs(tables).get() if tables is not None else None
    return {"run_id": active.run_id, "dataset_id": active.dataset_id} if active else None


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
