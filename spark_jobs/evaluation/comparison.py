"""Models side by side on one split: each makes lists, or predicts stars, for the same users."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.evaluation.exposure import self_information
from domain.evaluation.trial import Tally, Truth
from domain.models.settings import SHRINKAGE, Settings
from domain.serving.fold_in import fold_in_explicit, fold_in_implicit
from spark_jobs.evaluation.transforms.measures import errors_by_user
from spark_jobs.evaluation.transforms.splits import Split
from spark_jobs.models.engines import Engine, by_rising_id, fit_biases
from spark_jobs.models.transforms.biases import residuals, user_biases, with_bias
from spark_jobs.models.transforms.fold_in import folded_in
from spark_jobs.models.transforms.mllib import evidence
from spark_jobs.models.transforms.popular import movie_totals
from spark_jobs.models.transforms.stars import with_predicted_stars
from spark_jobs.models.transforms.topn import Items, as_items, best_unseen, histories, most_popular
from spark_jobs.storage.errors import JobError

Lists = NDArray[np.intp]  # users × places, as Truth.place gives them


@dataclass(frozen=True)
class Comparison:
    """One split, with what its models share.

    `profiles` has user_id, rated_ids, ratings of the measured users with a history; `raters` (int) is how many rated
    each of truth.movies in the training part; `training` and `held_out` count ratings.
    """

    spark: SparkSession
    split: Split
    engine: Engine
    truth: Truth
    profiles: DataFrame
    raters: NDArray[np.integer]
    training: int
    held_out: int

    @cached_property
    def items(self) -> DataFrame:
        """The training part as engines take it: one frame, as they know by it what they have cut into blocks."""
        return as_items(self.split.training)

    def release(self) -> None:
        """Give back the memory of the cached frames."""
        for frame in (self.split.training, self.split.history, self.split.held_out, self.profiles):
            frame.unpersist()

    def placed(self, lists: DataFrame, n: int) -> Lists:
        """Lists (user_id, item_ids) as a matrix."""
        rows = _collected(lists.select("user_id", "item_ids"))
        movie_ids = np.concatenate([np.zeros(0, np.int32), *rows["item_ids"]]).astype(np.int32)
        return self.truth.place(rows["user_id"].to_numpy(), _lengths(rows["item_ids"]), movie_ids, n)


def prepare(spark: SparkSession, split: Split, relevant_from: float, engine: Engine) -> Comparison:
    """Compute what all models of a split need.

    Raises:
        JobError: nothing to learn from, or nobody to measure on.
    """
    for part in (split.training, split.history, split.held_out):
        part.cache()
    totals = _collected(movie_totals(split.training).orderBy("movie_id"))
    liked = _collected(split.held_out.where(F.col("rating") >= relevant_from).select("user_id", "movie_id"))
    if totals.empty:
        raise JobError("The protocol leaves no ratings to learn from: hold out less with --test-share or --user-share.")
    if liked.empty:
        raise JobError(
            f"The protocol holds out no rating of {relevant_from} stars or more, so there is nothing to test on: lower"
            " --relevant-from, raise --test-share (or --user-share), or name another --protocol."
        )
    movies, raters = totals["movie_id"].to_numpy(np.int32), totals["rating_count"].to_numpy()
    bits = self_information(raters, split.training.select("user_id").distinct().count())
    truth = Truth.of(liked["user_id"].to_numpy(), liked["movie_id"].to_numpy(), movies, bits)
    measured = spark.createDataFrame(liked[["user_id"]].drop_duplicates(), "user_id int")
    of_measured = split.history.join(F.broadcast(measured), on="user_id", how="left_semi")
    profiles = histories(as_items(of_measured)).cache()
    return Comparison(spark, split, engine, truth, profiles, raters, int(raters.sum()), split.held_out.count())


def by_als(comparison: Comparison, settings: Settings, seed: int, n: int) -> Lists:
    """Implicit ALS; users that it did not learn from are folded in."""
    factors = comparison.engine.implicit(comparison.items, settings, seed)
    movies = _broadcast(comparison.spark, factors.items)
    gram = movies.value.factors.astype(np.float64).T @ movies.value.factors
    solve = partial(fold_in_implicit, gram=gram, regularization=settings.regularization, alpha=settings.alpha)
    profiles = comparison.profiles.withColumn("ratings", F.transform("ratings", evidence))
    users = _users(factors.users, profiles, movies, solve)
    return comparison.placed(best_unseen(profiles.join(users, on="user_id", how="inner"), movies, n), n)


def by_popularity(comparison: Comparison, n: int) -> Lists:
    """«Most popular» by number of training ratings; users without a history have a list, too."""
    everyone = comparison.spark.createDataFrame([(int(user),) for user in comparison.truth.users], "user_id int")
    rated_ids = F.coalesce("rated_ids", F.array().cast("array<int>")).alias("rated_ids")
    alike = F.array(F.lit(1.0).cast("float")).alias("factors")
    users = everyone.join(comparison.profiles, on="user_id", how="left").select("user_id", rated_ids, alike)
    movies = comparison.spark.sparkContext.broadcast(most_popular(comparison.truth.movies, comparison.raters))
    return comparison.placed(best_unseen(users, movies, n), n)


def star_errors(comparison: Comparison, settings: Settings, seed: int) -> dict[str, Tally]:
    """RMSE (still squared) and MAE, in stars, over all held-out ratings: of biases alone, and with explicit ALS.

    What is unknown of a user or movie counts as 0.
    """
    items, split = comparison.items, comparison.split
    biases = fit_biases(items)
    factors = comparison.engine.explicit(items, biases, settings, seed)
    history = as_items(split.history)
    if split.history is not split.training:
        strangers = user_biases(history, biases.mean, biases.items, SHRINKAGE)
        biases = replace(biases, users=biases.users.unionByName(strangers).cache())
    profiles = histories(residuals(history, biases))
    arrays = _broadcast(comparison.spark, factors.items)
    solve = partial(fold_in_explicit, regularization=settings.regularization)
    of_users = _users(factors.users, profiles, arrays, solve).withColumnRenamed("user_id", "id")
    predictions = with_predicted_stars(
        split.held_out,
        with_bias(of_users, biases.users),
        with_bias(factors.items, biases.items),
        biases.mean,
    )
    errors = _collected(errors_by_user(predictions))
    ratings = errors["ratings"].to_numpy(np.float64)
    return {
        model: Tally(
            errors["user_id"].to_numpy(),
            {"rmse": errors[f"squared_{column}"].to_numpy(), "mae": errors[f"absolute_{column}"].to_numpy()},
            {"rmse": ratings, "mae": ratings},
        )
        for model, column in (("als", "predicted"), ("bias_only", "bias_only"))
    }


def _users(
    trained: DataFrame, profiles: DataFrame, movies: Broadcast[Items], solve: Callable[..., NDArray[np.float64]]
) -> DataFrame:
    """user_id, factors: as trained (id, factors), and folded in for those of `known` who were not."""
    trained = trained.withColumnRenamed("id", "user_id")
    strangers = profiles.join(trained.select("user_id"), on="user_id", how="left_anti")
    return trained.unionByName(folded_in(strangers, movies, solve))


def _broadcast(spark: SparkSession, factors: DataFrame) -> Broadcast[Items]:
    return spark.sparkContext.broadcast(Items(*by_rising_id(factors)))


def _collected(frame: DataFrame) -> Any:
    """The rows as a pandas frame: PySpark's own declaration of `toPandas` hides that it is one."""
    return frame.toPandas()


def _lengths(lists: Any) -> NDArray[np.intp]:
    return np.array([len(values) for values in lists], np.intp)
