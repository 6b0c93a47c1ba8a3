"""The hold-out of train_als: ratings that no model learns from, the weights of the blend, and what it is all worth.

Where the ratings are few, weights are found by learning once more, in the driver, from a part of the training part.
Where they are many that would take too long: then the training part lacks some ratings of some drawn users from the
beginning, a thousandth of all, and the very model that is published is weighed on these.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from pyspark import Broadcast
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.models import matrix_als
from domain.models.rating_matrix import RatingMatrix
from domain.models.settings import MANY, Blend, ModelSettings
from domain.tuning import weights
from domain.tuning.weights import Found, best_blend, truth_of, weighed
from spark_jobs.evaluation.driver_models import collected
from spark_jobs.evaluation.transforms.holdout import mark_holdout
from spark_jobs.evaluation.transforms.measures import list_figures, relevant_movies, rmse, star_figures
from spark_jobs.models import saved
from spark_jobs.models.transforms.popular import movie_totals
from spark_jobs.models.transforms.recommendations import Learned, best_blended, predicted_stars
from spark_jobs.models.transforms.stars import with_predicted_stars
from spark_jobs.models.transforms.topn import Items, as_items, best_unseen, histories, most_popular
from spark_jobs.storage.datasets import scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

K = 10  # of nDCG@k, Recall@k and coverage@k
MEASURED = 20_000  # users at most whose lists are measured
IN_DRIVER = 12_000  # movies up to which models are learned once more in the driver: a matrix of 0.6 GB
ALS_ALONE = Blend(0.0, 0.0)
MEASURED_LISTS = "user_id int, movie_ids array<int>"
DRAWN = 1_000_000  # the users are drawn in so many parts


@dataclass(frozen=True)
class Split:
    """The ratings to learn from, those to measure on, and those to weigh by; none of the latter where they are few."""

    training: DataFrame
    held_out: DataFrame
    validation: DataFrame | None


def split(spark: SparkSession, run: Run, share: float, seed: int, excluded: list[int]) -> Split:
    """Cut the cleaned ratings without those of the users `excluded`; counts go into the run's record.

    Raises:
        JobError: there is nothing to learn from, or the columns are others than train_als knows.
    """
    with run.step("split off the hold-out") as step:
        ratings = Source(run.paths.clean / "ratings").read(spark).select("user_id", "movie_id", "rating")
        _check(ratings)
        if excluded:
            run.count("users.excluded", len(excluded))
            users = spark.createDataFrame([(user,) for user in excluded], "user_id int")
            ratings = ratings.join(F.broadcast(users), on="user_id", how="left_anti")
        marked = mark_holdout(ratings, share, seed).cache()
        held_out = marked.where("held_out").drop("held_out")
        training = marked.where(~F.col("held_out")).drop("held_out")
        run.count("ratings.held_out", held_out.count())
        run.count("ratings.training", training.count())
        run.count("users", training.select("user_id").distinct().count())
        made = _with_validation(run, training, held_out, seed)
        step.rows = run.counts["ratings.training"] + run.counts["ratings.held_out"]
    if run.counts["ratings.training"] == 0:
        raise JobError(f"{run.paths.clean / 'ratings'}: no ratings to learn from. Run preprocess_movielens again.")
    return made


def _with_validation(run: Run, training: DataFrame, held_out: DataFrame, seed: int) -> Split:
    few = run.counts["ratings.training"] <= MANY
    if few and training.select("movie_id").distinct().count() <= IN_DRIVER:
        return Split(training, held_out, None)
    share = weights.MEASURED / run.counts["users"]
    drawn = _drawn("user_id", share, seed + 1)
    of_drawn = mark_holdout(training.where(drawn), weights.SHARE, seed + 1).cache()
    validation = of_drawn.where("held_out").drop("held_out")
    run.count("ratings.validation", validation.count())
    run.count("ratings.training", run.counts["ratings.training"] - run.counts["ratings.validation"])
    kept = training.where(~drawn).unionByName(of_drawn.where(~F.col("held_out")).drop("held_out"))
    return Split(kept, held_out, validation)


def _drawn(column: str, share: float, seed: int) -> Column:
    part = F.pmod(F.xxhash64(F.col(column).cast("long"), F.lit(seed).cast("long")), F.lit(DRAWN))
    return part < F.lit(int(share * DRAWN))


def _check(ratings: DataFrame) -> None:
    """ALS keeps ids in 32 bits and would fail late on others."""
    wanted = [("user_id", "int"), ("movie_id", "int"), ("rating", "float")]
    if ratings.dtypes != wanted:
        raise JobError(f"Clean ratings have columns {ratings.dtypes}, not {wanted}: run preprocess_movielens again.")


def weigh(
    model: saved.SavedModel, parts: Split, settings: ModelSettings, relevant_from: float, head: int, seed: int
) -> Found | None:
    """The weights of the blend; None where no rating to weigh by has `relevant_from` stars."""
    if parts.validation is None:
        return weighed(collected(parts.training), settings, relevant_from, head, seed)
    aside = collected(parts.validation.where(F.col("rating") >= relevant_from))
    if not len(aside.users):
        return None
    users = parts.validation.select("user_id").distinct()
    known = collected(parts.training.join(F.broadcast(users), on="user_id", how="left_semi"))
    learned = saved.learned(model)
    matrix = RatingMatrix.on(learned.ids, known)
    problem = matrix_als.implicit(matrix.stars, learned.als.alpha)
    factors = matrix_als.fold_in(problem, learned.ranking.factors, learned.als.regularization)
    return best_blend(learned.ranking, factors, matrix, truth_of(aside, learned.ids, seed))


def measure(spark: SparkSession, run: Run, model: saved.SavedModel, parts: Split, relevant_from: float) -> None:
    """nDCG, recall and coverage of the model's lists and of «most popular», and errors of stars, as metrics.

    The lists of the measured users are kept in the model's folder, to be published and read again.
    """
    relevant = measured(relevant_movies(parts.held_out, relevant_from)).cache()
    run.count("users.measured", relevant.count())
    learned = spark.sparkContext.broadcast(saved.learned(model))
    everyone = _users(spark, model, parts.training)
    if run.counts["users.measured"]:
        _measure_lists(spark, run, model, learned, everyone, relevant, parts.training)
    else:
        log.warning("No held-out rating has %s stars or more: the lists of the model are not measured.", relevant_from)
        spark.createDataFrame([], MEASURED_LISTS).write.parquet(spark_path(model.folder / saved.MEASURED))
    _measure_stars(spark, run, model, learned, everyone, parts.held_out)


def measured(relevant: DataFrame) -> DataFrame:
    """The users whose lists are measured, of those with a hit held out: about MEASURED where they are many."""
    share = MEASURED / max(relevant.count(), 1)
    return relevant if share >= 1.0 else relevant.where(_drawn("user_id", share, 0))


def _measure_lists(
    spark: SparkSession,
    run: Run,
    model: saved.SavedModel,
    learned: Broadcast[Learned],
    everyone: DataFrame,
    relevant: DataFrame,
    training: DataFrame,
) -> None:
    users = everyone.join(relevant.select("user_id"), on="user_id", how="left_semi").cache()
    alike = users.withColumn("factors", F.array(F.lit(1.0).cast("float")))
    best = {
        "als": best_blended(users, learned, K, ALS_ALONE),
        model.about["model"]: best_blended(users, learned, K),
        "popular": best_unseen(alike, spark.sparkContext.broadcast(_popular(training)), K),
    }
    movies = Source(run.paths.clean / "movies").count()
    for name, found in best.items():
        lists = found.withColumnRenamed("item_ids", "movie_ids").cache()
        if name == model.about["model"]:
            lists.select("user_id", "movie_ids").write.parquet(spark_path(model.folder / saved.MEASURED))
        for figure, value in list_figures(lists, relevant, K, movies).collect()[0].asDict().items():
            run.metric(f"{figure}@{K}.{name}", value)
        lists.unpersist()


def _popular(training: DataFrame) -> Items:
    totals = movie_totals(training).orderBy("movie_id").collect()
    ids = np.array([row.movie_id for row in totals], np.int32)
    return most_popular(ids, np.array([row.rating_count for row in totals]))


def _users(spark: SparkSession, model: saved.SavedModel, ratings: DataFrame) -> DataFrame:
    """The histories of the users whom the model knows, given what they rated."""
    return saved.of_known_users(spark, model, histories(as_items(ratings)))


def _measure_stars(
    spark: SparkSession,
    run: Run,
    model: saved.SavedModel,
    learned: Broadcast[Learned],
    everyone: DataFrame,
    held_out: DataFrame,
) -> None:
    share = MEASURED / run.counts["users"]
    if share < 1.0:
        held_out = held_out.where(_drawn("user_id", share, 0)).cache()
    users, movies = model.frame(spark, saved.STAR_USERS), model.frame(spark, saved.STAR_MOVIES)
    parts = with_predicted_stars(held_out, users, movies, model.about["mean_rating"], scale(model.about))
    figures = star_figures(parts).collect()[0]
    wanted = held_out.groupBy("user_id").agg(F.sort_array(F.collect_list("movie_id")).alias("wanted_ids"))
    published = predicted_stars(everyone.join(wanted, on="user_id", how="inner"), learned)
    errors = held_out.join(published, on=["user_id", "movie_id"], how="inner")
    for name, error in (
        ("rmse.published", errors.agg(rmse("predicted")).collect()[0][0]),
        ("rmse.als", figures["rmse"]),
        ("rmse.bias_only", figures["rmse_bias"]),
    ):
        if error is not None:  # of no held-out rating there is none
            run.metric(name, error)
