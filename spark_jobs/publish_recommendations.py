"""Publish a trained model: lists for all users, similar and popular movies, and its arrays, under a new run.

A model that ranks worse than «most popular» or than the active one is refused. Rows are written beside those of the
active run, counted and read back; one flip in active_runs shows them all. A kill at any moment leaves the active run as
it was, and the next run deletes what was left behind.

Reads: DATA_DIR/clean/{ratings,movies}, DATA_DIR/models/<run_id>, active_runs
Writes: recommendations_by_user, measured_lists_by_user, similar_by_movie, popular_by_genre, model_parts_by_run,
    active_runs; DATA_DIR/published/<run_id>
Example: make job JOB=publish_recommendations ARGS="--top 100"
"""

from __future__ import annotations

import argparse
import logging
import shutil
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql.kinds import Kind
from domain.evaluation.gate import objections
from spark_jobs.models import saved
from spark_jobs.models.transforms.model_parts import model_parts, parts_of
from spark_jobs.models.transforms.popular import movie_totals, popular_movies
from spark_jobs.models.transforms.recommendations import recommend
from spark_jobs.models.transforms.topn import as_items, histories
from spark_jobs.movielens.old_datasets import delete_old_datasets
from spark_jobs.publishing.active import ActiveRuns
from spark_jobs.publishing.publisher import publisher
from spark_jobs.publishing.retention import published
from spark_jobs.run import cli, flags
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.errors import Refused
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables, parse_tables

log = logging.getLogger(__name__)

POPULAR = 200  # movies in each list of popular_by_genre
COPIES = {  # table → folder of its Parquet copy
    "recommendations_by_user": "recommendations",
    "measured_lists_by_user": "measured",
    "similar_by_movie": "similar",
    "popular_by_genre": "popular",
    "model_parts_by_run": "model_parts",
}
LISTS = {  # table → what its rows are
    "recommendations_by_user": "users with a list",
    "measured_lists_by_user": "lists that were measured",
    "similar_by_movie": "movies with similar ones",
    "popular_by_genre": "lists of popular movies",
    "model_parts_by_run": "parts of the model",
}
TASKS = 4  # per core: lists are computed in parts small enough to even out the load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of publish_recommendations."""
    parser.add_argument("--tables", type=parse_tables, default="cassandra", help="cassandra (default) or parquet:DIR")
    parser.add_argument("--model", help="run of train_als (default: the latest of the clean data set)")
    parser.add_argument("--top", type=flags.positive, default=100, help="movies in a user's list (default: 100)")
    parser.add_argument("--tolerance", type=flags.share, default=0.05, help="of nDCG that may be lost (default: 0.05)")
    parser.add_argument("--keep", type=flags.positive, default=3, help="published runs to keep (default: 3)")
    parser.add_argument("--force", action="store_true", help="publish although the gate objects")


def main(
    spark: SparkSession,
    run: Run,
    *,
    tables: Tables,
    model: str | None,
    top: int,
    tolerance: float,
    keep: int,
    force: bool,
) -> None:
    """Pass the gate, compute, and publish."""
    run.dataset_id = clean_dataset(run.paths)["dataset_id"]
    chosen = saved.choose(run.paths, run.dataset_id, model)

    def delete_datasets(runs: ActiveRuns, home: Path) -> list[str]:
        kept = {saved.load(home / run_id).about["dataset_id"] for run_id in published(home)}
        return delete_old_datasets(spark, run.paths, kept, tables, runs)

    with publisher(spark, run, tables, Kind.RECOMMENDATIONS, COPIES, keep, delete_datasets) as publication:
        _gate(run, chosen, publication.before, tolerance, force)
        shutil.copy(chosen.folder / saved.ABOUT, publication.folder)
        results = _results(spark, run, chosen, top)
        for table, rows in results.items():
            with run.step(f"compute and store {table}") as step:
                step.rows = publication.store(table, rows)
                run.count(table, step.rows)
    made = ", ".join(f"{run.counts[table]:,} {what}" for table, what in LISTS.items())
    run.say(f"published run {run.run_id} of model {chosen.run_id}: {made}")


def _gate(run: Run, chosen: saved.SavedModel, before: Path | None, tolerance: float, force: bool) -> None:
    """Refuse a model that is worse than «most popular», or than that of the folder `before` where there is one.

    Raises:
        Refused: it is, and not by `force`.
    """
    run.fact("model", chosen.run_id)
    for name, value in chosen.about["metrics"].items():
        run.metric(name, value)
    against = objections(chosen.about, saved.load(before).about if before else None, tolerance)
    if against and not force:
        raise Refused(f"Model {chosen.run_id} is not published: {' and '.join(against)}. --force overrides this.")
    for objection in against:
        log.warning("Published by --force although %s.", objection)


def _results(spark: SparkSession, run: Run, chosen: saved.SavedModel, top: int) -> dict[str, DataFrame]:
    """The rows of each table, without run_id."""
    ratings = Source(run.paths.clean / "ratings").read(spark)
    totals = movie_totals(ratings).cache()
    figures = totals.agg(F.sum("rating_sum"), F.sum("rating_count"), F.count(F.lit(1))).collect()[0]
    mean, prior_weight = figures[0] / figures[1], figures[1] / figures[2]
    learned = saved.learned(chosen)
    model = spark.sparkContext.broadcast(learned)
    return {
        "recommendations_by_user": recommend(_users(spark, chosen, ratings), model, top),
        "measured_lists_by_user": chosen.frame(spark, saved.MEASURED),
        "similar_by_movie": chosen.frame(spark, saved.SIMILAR),
        "popular_by_genre": popular_movies(
            totals, Source(run.paths.clean / "movies").read(spark), mean, prior_weight, POPULAR
        ),
        "model_parts_by_run": model_parts(spark, model, len(parts_of(learned))),
    }


def _users(spark: SparkSession, chosen: saved.SavedModel, ratings: DataFrame) -> DataFrame:
    """What `recommend` needs of each user; all ratings are history here, the hold-out included."""
    users = saved.of_known_users(spark, chosen, histories(as_items(ratings)))
    return users.repartition(_tasks(spark), "user_id")


def _tasks(spark: SparkSession) -> int:
    return TASKS * spark.sparkContext.defaultParallelism


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
