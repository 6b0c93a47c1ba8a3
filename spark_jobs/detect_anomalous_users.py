"""Find users unlike the others (Isolation Forest) and users who were made up to push movies (fake profiles).

Reads: DATA_DIR/clean/ratings
Writes: DATA_DIR/reports/<run_id>/{user_statistics_with_anomalies.csv,anomalous_users.csv,anomalous_users.json}; a
    list on standard output; the tables anomalies_by_user, outliers_by_run and reports_by_subject
Example: make job JOB=detect_anomalous_users ARGS="--contamination 0.05"
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.movielens.rating_files import read_clean
from spark_jobs.outliers import fake_profiles, isolation, users_report
from spark_jobs.outliers.flagged import FAKE
from spark_jobs.outliers.report import outlier_row
from spark_jobs.outliers.transforms.behaviour import deviations, user_behaviour
from spark_jobs.outliers.users_report import BY_USER, ISOLATED
from spark_jobs.run import cli, flags
from spark_jobs.storage.datasets import clean_dataset, scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Run
from spark_jobs.storage.reports import add_tables_flag, report_folder, store_report
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import Tables


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of detect_anomalous_users."""
    parser.add_argument("--contamination", type=flags.share_or_auto(0.05), default=0.05, help="forest (auto: 0.05)")
    parser.add_argument("--sample-rows", type=flags.positive, default=100_000, help="users that the forest learns from")
    parser.add_argument("--seed", type=flags.whole, default=42, help="of the sample and the forest (default: 42)")
    parser.add_argument("--truth", type=flags.folder, help="truth/fake_profiles.csv: also print precision and recall")
    parser.add_argument("--top", type=flags.positive, default=1000, help="users listed at /outliers (default: 1000)")
    add_tables_flag(parser)


def main(
    spark: SparkSession,
    run: Run,
    *,
    contamination: float,
    sample_rows: int,
    seed: int,
    truth: Path | None,
    top: int,
    tables: Tables | None,
) -> None:
    """Look for fake profiles, grow a forest over the users' features, and report on both."""
    about = clean_dataset(run.paths)
    run.dataset_id, rated_on = about["dataset_id"], scale(about)
    ratings = read_clean(spark, run.paths.clean / "ratings").cache()
    with fitted_shuffles(spark, ratings.count()):
        with run.step("look for fake profiles") as step:
            verdict, movies = fake_profiles.find(spark, ratings, rated_on.highest)
            step.rows = len(verdict.users)
        _check(len(verdict.users))
        with run.step("features of the users") as step:
            features = user_behaviour(ratings, rated_on).join(deviations(ratings), on="user_id", how="inner").cache()
            step.rows = features.count()
        with run.step("Isolation Forest") as step:
            isolated = isolation.isolate(features, contamination, sample_rows, seed)
            step.rows = len(isolated.users)
        figures = pd.DataFrame(features.toPandas())
    run.metric("isolation_stability", isolated.stability)
    users = users_report.table(figures, isolated, verdict, movies)
    of_fakes: dict[str, Any] = {"method": "choice of movies, pushed movies"}
    of_fakes["pushed_movies"] = movies[verdict.targets].tolist()
    if truth is not None:
        of_fakes["searches"] = {"flags": users_report.against_truth(users, truth)}
        for figure, value in of_fakes["searches"]["flags"].items():
            run.metric(figure, value)
    of_forest = {"method": "isolation-forest", "stability": isolated.stability, "contamination": contamination}
    reports = [
        users_report.summary(run, FAKE, users, **of_fakes),
        users_report.summary(run, ISOLATED, users, **of_forest),
    ]
    _publish(spark, run, reports, users, top, tables)


def _check(users: int) -> None:
    if users < 2:
        raise JobError(
            f"There is {'1' if users else 'no'} user with ratings, but users are compared with each other:"
            " there must be at least 2."
        )


def _publish(
    spark: SparkSession,
    run: Run,
    reports: list[dict[str, Any]],
    users: pd.DataFrame,
    top: int,
    tables: Tables | None,
) -> None:
    with report_folder(run) as folder:
        users_report.write(folder, reports, users)
    print(users_report.text(reports, users))
    if tables is not None:
        with run.step("store the figures of every user") as step:
            of_users = spark.createDataFrame(users_report.user_rows(run, users), table_schema(BY_USER))
            step.rows = tables.write(spark, BY_USER, of_users)
    for report in reports:
        found = users_report.listed(users, report["subject"], top)
        first = f"user {found[0].row_id}, {'; '.join(found[0].reasons)}" if found else ""
        rows = [outlier_row(user) for user in found]
        store_report(spark, run, tables, f"outliers.{report['subject']}", report["verdict"], report, rows, first)


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
