"""Publish a trained model: lists for all users, similar movies, popular movies, under a new run that readers then see.

A model that ranks worse than «most popular» or than the active one is refused. Rows are written beside those of the
active run, counted and read back; one flip in active_runs shows them all. A kill at any moment leaves the active run as
it was, and the next run deletes what was left behind.

Reads: DATA_DIR/clean/{ratings,movies}, DATA_DIR/models/<run_id>, active_runs
Writes: recommendations_by_user, similar_by_movie, popular_by_genre, active_runs; DATA_DIR/published/<run_id>
Example: make job JOB=publish_recommendations ARGS="--top 100"
"""

from __future__ import annotations

import argparse
import logging
import shutil
from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql.kinds import Kind
from domain.evaluation.gate import objections
from spark_jobs.frames.arrow_lists import matrix
from spark_jobs.models import saved
from spark_jobs.models.transforms.popular import movie_totals, popular_movies
from spark_jobs.models.transforms.recommendations import Model, directions, recommend, similar_movies
from spark_jobs.models.transforms.topn import Items, as_items, histories
from spark_jobs.movielens.old_datasets import delete_old_datasets
from spark_jobs.publishing.active import ActiveRuns
from spark_jobs.publishing.publisher import publisher
from spark_jobs.publishing.retention import published
from spark_jobs.run import cli, flags
from spark_jobs.storage.datasets import clean_dataset, scale
from spark_jobs.storage.errors import JobError, Refused
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables, parse_tables

log = logging.getLogger(__name__)

POPULAR = 200  # movies in each list of popular_by_genre
COPIES = {  # table → folder of its Parquet copy
    "recommendations_by_user": "recommendations",
    "similar_by_movie": "similar",
    "popular_by_genre": "popular",
}
LISTS = {  # table → what its rows are
    "recommendations_by_user": "users with a list",
    "similar_by_movie": "movies with similar ones",
    "popular_by_genre": "lists of popular movies",
}
TASKS = 4  # per core: lists are computed in parts small enough to even out the load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of publish_recommendations."""
    parser.add_argument("--tables", type=parse_tables, default="cassandra", help="cassandra (default) or parquet:DIR")
    parser.add_argument("--model", help="run of train_als (default: the latest of the clean data set)")
    parser.add_argument("--top", type=flags.positive, default=100, help="movies in a user's list (default: 100)")
    parser.add_argument("--similar", type=flags.positive, default=50, help="in a list of similar movies (default: 50)")
    parser.add_argument("--min-ratings", type=flags.positive, default=20, help="a similar movie needs (default: 20)")
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
    similar: int,
    min_ratings: int,
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
        results = _results(spark, run, chosen, top=top, similar=similar, min_ratings=min_ratings)
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


def _results(
    spark: SparkSession, run: Run, chosen: saved.SavedModel, top: int, similar: int, min_ratings: int
) -> dict[str, DataFrame]:
    """The rows of each table, without run_id."""
    ratings = Source(run.paths.clean / "ratings").read(spark)
    totals = movie_totals(ratings).cache()
    figures = totals.agg(F.sum("rating_sum"), F.sum("rating_count"), F.count(F.lit(1))).collect()[0]
    mean, prior_weight = figures[0] / figures[1], figures[1] / figures[2]
    arrays = _load(chosen)
    return {
        "recommendations_by_user": recommend(_users(spark, chosen, ratings), spark.sparkContext.broadcast(arrays), top),
        "similar_by_movie": _similar(spark, totals, arrays, min_ratings, similar),
        "popular_by_genre": popular_movies(
            totals, Source(run.paths.clean / "movies").read(spark), mean, prior_weight, POPULAR
        ),
    }


def _load(chosen: saved.SavedModel) -> Model:
    ranking = saved.ranking(chosen.table(saved.MOVIES))
    stars = chosen.table(saved.STAR_MOVIES)
    if not np.array_equal(stars["id"], ranking.ids):
        raise JobError(f"{chosen.folder}: the two models know different movies. Train again.")
    return Model(
        ranking=ranking,
        directions=directions(ranking.factors),
        mean=chosen.about["mean_rating"],
        star_biases=stars["bias"].to_numpy(),
        star_factors=matrix(stars["factors"].combine_chunks()),
        scale=scale(chosen.about),
    )


def _users(spark: SparkSession, chosen: saved.SavedModel, ratings: DataFrame) -> DataFrame:
    """What `recommend` needs of each user; all ratings are history here, the hold-out included."""
    ranking = chosen.frame(spark, saved.USERS).withColumnRenamed("id", "user_id")
    stars = chosen.frame(spark, saved.STAR_USERS).select(
        F.col("id").alias("user_id"), F.col("bias").alias("star_bias"), F.col("factors").alias("star_factors")
    )
    users = histories(as_items(ratings)).join(ranking, on="user_id", how="inner").join(stars, on="user_id", how="inner")
    # rows in a fixed order: the last bits of a product depend on which users are multiplied together
    return users.repartition(_tasks(spark), "user_id").sortWithinPartitions("user_id")


def _similar(spark: SparkSession, totals: DataFrame, model: Model, min_ratings: int, n: int) -> DataFrame:
    enough = totals.where(F.col("rating_count") >= min_ratings).select("movie_id")
    ids = np.sort(np.array([row.movie_id for row in enough.collect()], np.int32))
    rows, known = model.ranking.positions(ids)
    units = Items(ids[known], model.directions[rows[known]])
    movies = spark.createDataFrame(units.ids[:, None].tolist(), "movie_id int")
    spread = movies.repartition(_tasks(spark), "movie_id").sortWithinPartitions("movie_id")
    return similar_movies(spread, spark.sparkContext.broadcast(units), n)


def _tasks(spark: SparkSession) -> int:
    return TASKS * spark.sparkContext.defaultParallelism


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
