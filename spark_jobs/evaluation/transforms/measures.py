"""Measures of lists and predicted stars on ratings that were held out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.evaluation.ranking import ndcg_of_hits, recall_of_hits
from spark_jobs.frames.arrow_lists import flat, owners, places


def relevant_movies(holdout: DataFrame, relevant_from: float) -> DataFrame:
    """user_id, relevant_ids: the held-out movies with at least `relevant_from` stars, of users who have any."""
    return (
        holdout.where(F.col("rating") >= relevant_from)
        .groupBy("user_id")
        .agg(F.sort_array(F.collect_list("movie_id")).alias("relevant_ids"))
    )


def list_quality(recommended: DataFrame, relevant: DataFrame, k: int) -> DataFrame:
    """user_id, ndcg, recall at k of each user of `relevant` (user_id, relevant_ids).

    A user without a list in `recommended` (user_id, movie_ids) counts as 0: cold users must not flatter a model.
    """

    def measure(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            hits = _hits(batch["movie_ids"], batch["relevant_ids"], k)
            relevant = batch["relevant_ids"].value_lengths().to_numpy()
            figures = {"ndcg": ndcg_of_hits(hits, relevant, k), "recall": recall_of_hits(hits, relevant, k)}
            yield pa.record_batch({"user_id": batch["user_id"], **figures})

    movie_ids = F.coalesce("movie_ids", F.array().cast("array<int>")).alias("movie_ids")
    both = relevant.join(recommended, on="user_id", how="left").select("user_id", movie_ids, "relevant_ids")
    return both.mapInArrow(measure, "user_id int, ndcg double, recall double")


def _hits(recommended: pa.ListArray, relevant: pa.ListArray, k: int) -> NDArray[np.bool_]:
    """Users × k: which places of each list hold a movie that is relevant for its user."""
    users, wanted = owners(recommended), owners(relevant)
    is_hit = np.isin(users << 32 | flat(recommended), wanted << 32 | flat(relevant))
    of_list = places(users)
    first = is_hit & (of_list < k)
    hits = np.zeros((len(recommended), k), np.bool_)
    hits[users[first], of_list[first]] = True
    return hits


def list_figures(recommended: DataFrame, relevant: DataFrame, k: int, catalogue_size: int) -> DataFrame:
    """One row of shares in 0 … 1: ndcg, recall, users_with_list, coverage.

    ndcg and recall are means over the users of `relevant`, users_with_list is the share of these with a list of at
    least one movie, coverage the share of the catalogue's movies that are among the first k of anybody's list.
    """
    top = recommended.select("user_id", F.slice("movie_ids", 1, k).alias("movie_ids"))
    served = top.where(F.size("movie_ids") > 0).select("user_id", F.lit(1.0).alias("served"))
    of_users = (
        list_quality(top, relevant, k)
        .join(served, on="user_id", how="left")
        .agg(F.avg("ndcg").alias("ndcg"), F.avg("recall").alias("recall"), _share("served").alias("users_with_list"))
    )
    of_catalogue = top.select(F.explode("movie_ids").alias("movie_id")).agg(
        (F.countDistinct("movie_id") / F.lit(catalogue_size)).alias("coverage")
    )
    return of_users.crossJoin(of_catalogue)


def star_figures(predictions: DataFrame) -> DataFrame:
    """One row: root mean square errors in stars, rmse of `predicted` and rmse_bias of `bias_only`."""
    return predictions.agg(rmse("predicted").alias("rmse"), rmse("bias_only").alias("rmse_bias"))


def errors_by_user(predictions: DataFrame) -> DataFrame:
    """user_id, ratings (how many) and squared_…, absolute_… of `bias_only` and `predicted`: sums of the errors."""
    sums = []
    for name in ("bias_only", "predicted"):
        error = F.col(name) - F.col("rating")
        sums += [F.sum(error * error).alias(f"squared_{name}"), F.sum(F.abs(error)).alias(f"absolute_{name}")]
    return predictions.groupBy("user_id").agg(F.count(F.lit(1)).alias("ratings"), *sums)


def rmse(predicted: str) -> Column:
    """Root mean square error of a column of predicted stars, in stars; an aggregate."""
    return F.sqrt(F.avg(F.pow(F.col(predicted) - F.col("rating"), F.lit(2.0))))


def _share(flag: str) -> Column:
    return F.count(flag) / F.count(F.lit(1))
