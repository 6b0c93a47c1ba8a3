"""Train two models by alternating least squares: one that ranks movies and one that predicts stars.

A hold-out of each user's ratings is set aside first and used at the end only, to measure both models beside «most
popular» and «bias only».

Reads: DATA_DIR/clean/{ratings,movies}, and quality.json, the verdict of report_quality
Writes: DATA_DIR/models/<run_id>: factors of users and movies as Parquet, model.json with parameters and metrics
Example: make job JOB=train_als ARGS="--rank 32"
"""

from __future__ import annotations

import argparse
import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.files import write_json
from domain.models.settings import RANKING, SHRINKAGE, STARS, Settings, settings_for, with_given
from spark_jobs.evaluation.transforms.holdout import mark_holdout, parted
from spark_jobs.evaluation.transforms.measures import list_figures, relevant_movies, star_figures
from spark_jobs.models import saved
from spark_jobs.models.engines import ENGINES, Engine, engine_for, fit_biases
from spark_jobs.models.transforms.biases import with_bias
from spark_jobs.models.transforms.popular import movie_totals
from spark_jobs.models.transforms.stars import with_predicted_stars
from spark_jobs.models.transforms.topn import Items, as_items, best_unseen, histories, most_popular
from spark_jobs.models.tuned import read_tuned
from spark_jobs.outliers.flagged import fake_users
from spark_jobs.quality import gate
from spark_jobs.run import cli, flags
from spark_jobs.storage import folders
from spark_jobs.storage.datasets import clean_dataset, scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

K = 10  # of nDCG@k, Recall@k and coverage@k


@dataclass(frozen=True)
class Split:
    """The ratings to learn from, and those to measure on."""

    training: DataFrame
    held_out: DataFrame


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of train_als."""
    parser.add_argument(
        "--holdout-share", type=flags.inner_share, default=0.1, help="of each user's ratings (default: 0.1)"
    )
    parser.add_argument("--relevant-from", type=flags.stars, help="stars that make a hit (default: 4 of 5)")
    parser.add_argument("--seed", type=flags.whole, default=42, help="of hold-out and random start (default: 42)")
    parser.add_argument("--engine", choices=ENGINES, default="blocks", help="(default: blocks)")
    parser.add_argument("--settings", type=flags.folder, help="file of `make tune` (default: the flags' defaults)")
    parser.add_argument("--rank", type=flags.positive, help="factors of the ranking model (default: 64)")
    parser.add_argument("--regularization", type=flags.above_zero, help="λ of the ranking model (default: 0.2)")
    parser.add_argument("--alpha", type=flags.above_zero, help="its confidence by evidence (default: 1.5)")
    parser.add_argument("--iterations", type=flags.positive, help="of the ranking model (default: 15; large data: 10)")
    parser.add_argument(
        "--exclude-anomalous", action="store_true", help="leave out the fake profiles that detect_anomalous_users found"
    )
    parser.add_argument("--unvalidated", action="store_true", help="learn from data that failed quality checks")


def main(
    spark: SparkSession,
    run: Run,
    *,
    holdout_share: float,
    relevant_from: float | None,
    seed: int,
    engine: str,
    settings: Path | None = None,
    rank: int | None,
    regularization: float | None,
    alpha: float | None,
    iterations: int | None,
    exclude_anomalous: bool = False,
    unvalidated: bool = False,
) -> None:
    """Split, train, save, measure; the model's folder appears when all of it is there."""
    tuned = read_tuned(settings).parts
    about = clean_dataset(run.paths)
    run.dataset_id, rated_on = about["dataset_id"], scale(about)
    gate.require(run, unvalidated)
    run.fact("scale", str(rated_on))
    relevant_from = rated_on.liked if relevant_from is None else relevant_from
    run.fact("holdout", {"share": holdout_share, "seed": seed, "relevant_from": relevant_from, "k": K})
    excluded = fake_users(run.paths, run.dataset_id) if exclude_anomalous else []
    split = _split(spark, run, holdout_share, seed, excluded)
    ratings = run.counts["ratings.training"]
    ranking = with_given(
        settings_for(RANKING, ratings, **tuned.get("ranking", {})),
        rank=rank,
        regularization=regularization,
        alpha=alpha,
        iterations=iterations,
    )
    stars = settings_for(STARS, ratings, **tuned.get("stars", {}))
    run.fact("settings", {"ranking": asdict(ranking), "stars": asdict(stars), "shrinkage": SHRINKAGE})

    for killed in folders.abandoned(run.paths.models):
        folders.discard(killed)
        shutil.rmtree(run.paths.checkpoints / killed.name, ignore_errors=True)
    final = run.paths.model(run.run_id)
    with folders.attempt(final) as folder, scratch(run.paths.checkpoints / run.run_id) as work:
        solver = engine_for(engine, work)
        items = as_items(split.training)  # one frame, whose blocks both models share
        _train_ranking(run, items, solver, ranking, seed, folder)
        _train_stars(run, items, solver, stars, seed, folder)
        model = saved.SavedModel(folder, {"run_id": run.run_id, "dataset_id": run.dataset_id, **run.facts})
        with run.step("measure on the hold-out") as step:
            step.rows = run.counts["ratings.held_out"]
            _measure_lists(spark, run, model, split, relevant_from)
            _measure_stars(spark, run, model, split.held_out)
        write_json(folder / saved.ABOUT, {**model.about, "metrics": run.metrics})
        folders.complete(final)
    _say(run)


def _say(run: Run) -> None:
    run.say(f"learned from {run.counts['ratings.training']:,} ratings, measured on {run.counts['ratings.held_out']:,}")
    lists = (_figure(run, f"ndcg@{K}.{name}") for name in ("als", "popular"))
    stars = (_figure(run, f"rmse.{name}") for name in ("als", "bias_only"))
    run.say("ndcg@{}: {}, most popular {}; rmse: {}, biases only {}".format(K, *lists, *stars))
    run.say(f"model: {run.paths.model(run.run_id)}")


def _figure(run: Run, name: str) -> str:
    return f"{run.metrics[name]:.4f}" if name in run.metrics else "not measured"


def _split(spark: SparkSession, run: Run, share: float, seed: int, excluded: list[int]) -> Split:
    with run.step("split off the hold-out") as step:
        ratings = Source(run.paths.clean / "ratings").read(spark).select("user_id", "movie_id", "rating")
        _check(ratings)
        if excluded:
            run.count("users.excluded", len(excluded))
            users = spark.createDataFrame([(user,) for user in excluded], "user_id int")
            ratings = ratings.join(F.broadcast(users), on="user_id", how="left_anti")
        split = Split(*parted(mark_holdout(ratings, share, seed).cache()))
        run.count("ratings.training", split.training.count())
        run.count("ratings.held_out", split.held_out.count())
        step.rows = run.counts["ratings.training"] + run.counts["ratings.held_out"]
    if run.counts["ratings.training"] == 0:
        raise JobError(f"{run.paths.clean / 'ratings'}: no ratings to learn from. Run preprocess_movielens again.")
    return split


def _check(ratings: DataFrame) -> None:
    """ALS keeps ids in 32 bits and would fail late on others."""
    wanted = [("user_id", "int"), ("movie_id", "int"), ("rating", "float")]
    if ratings.dtypes != wanted:
        raise JobError(f"Clean ratings have columns {ratings.dtypes}, not {wanted}: run preprocess_movielens again.")


def _train_ranking(run: Run, training: DataFrame, engine: Engine, settings: Settings, seed: int, folder: Path) -> None:
    with run.step(f"implicit ALS, rank {settings.rank}, {settings.iterations} iterations") as step:
        step.rows = run.counts["ratings.training"]
        factors = engine.implicit(training, settings, seed)
        factors.users.write.parquet(str(folder / saved.USERS))
        factors.items.write.parquet(str(folder / saved.MOVIES))


def _train_stars(run: Run, training: DataFrame, engine: Engine, settings: Settings, seed: int, folder: Path) -> None:
    with run.step(f"biases and explicit ALS, rank {settings.rank}, {settings.iterations} iterations") as step:
        step.rows = run.counts["ratings.training"]
        biases = fit_biases(training)
        factors = engine.explicit(training, biases, settings, seed)
        with_bias(factors.users, biases.users).write.parquet(str(folder / saved.STAR_USERS))
        with_bias(factors.items, biases.items).write.parquet(str(folder / saved.STAR_MOVIES))
        run.fact("mean_rating", biases.mean)


def _measure_lists(spark: SparkSession, run: Run, model: saved.SavedModel, split: Split, relevant_from: float) -> None:
    """nDCG, recall and coverage of the model and of «most popular», for the same users and movies."""
    relevant = relevant_movies(split.held_out, relevant_from).cache()
    seen = histories(as_items(split.training)).join(relevant.select("user_id"), on="user_id", how="left_semi").cache()
    factors = model.frame(spark, saved.USERS).withColumnRenamed("id", "user_id")
    alike = seen.withColumn("factors", F.array(F.lit(1.0).cast("float")))
    catalogue_size = Source(run.paths.clean / "movies").count()
    run.count("users.measured", relevant.count())
    if not run.counts["users.measured"]:
        log.warning("No held-out rating has %s stars or more: the lists of the model are not measured.", relevant_from)
        return
    for name, users, movies in (
        ("als", seen.join(factors, on="user_id", how="inner"), saved.ranking(model.table(saved.MOVIES))),
        ("popular", alike, _popular(split.training)),
    ):
        lists = (
            best_unseen(users, spark.sparkContext.broadcast(movies), K)
            .withColumnRenamed("item_ids", "movie_ids")
            .cache()
        )
        figures = list_figures(lists, relevant, K, catalogue_size).collect()[0].asDict()
        for figure, value in figures.items():
            run.metric(f"{figure}@{K}.{name}", value)


def _popular(training: DataFrame) -> Items:
    totals = movie_totals(training).orderBy("movie_id").collect()
    ids = np.array([row.movie_id for row in totals], np.int32)
    return most_popular(ids, np.array([row.rating_count for row in totals]))


def _measure_stars(spark: SparkSession, run: Run, model: saved.SavedModel, held_out: DataFrame) -> None:
    users, movies = model.frame(spark, saved.STAR_USERS), model.frame(spark, saved.STAR_MOVIES)
    predictions = with_predicted_stars(held_out, users, movies, model.about["mean_rating"], scale(model.about))
    figures = star_figures(predictions).collect()[0]
    for name, error in (("rmse.als", figures["rmse"]), ("rmse.bias_only", figures["rmse_bias"])):
        if error is not None:  # of no held-out rating there is none
            run.metric(name, error)


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
