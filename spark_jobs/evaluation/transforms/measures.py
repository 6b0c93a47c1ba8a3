"""How good lists and predicted stars are on ratings that were held out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.evaluation.ranking import ndcg_of_hits, recall_of_hits
from spark_jobs.frames.arrow_lists import flat, owners, places
from spark_jobs.models.transforms.biases import stars


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
    found = np.isin(users << 32 | flat(recommended), wanted << 32 | flat(relevant))
    of_list = places(users)
    first = found & (of_list < k)
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


def with_predicted_stars(ratings: DataFrame, users: DataFrame, movies: DataFrame, mean: float) -> DataFrame:
    """`ratings` with `bias_only` and `predicted`, both in stars; what is unknown of a user or movie counts as 0.

    `users` has id, bias, factors of the users, `movies` of the movies.
    """
    of_users = users.select(F.col("id").alias("user_id"), F.col("bias").alias("u_bias"), F.col("factors").alias("u"))
    of_movies = movies.select(F.col("id").alias("movie_id"), F.col("bias").alias("m_bias"), F.col("factors").alias("m"))
    base = F.lit(mean) + F.coalesce("u_bias", F.lit(0.0)) + F.coalesce("m_bias", F.lit(0.0))
    taste = F.coalesce(product(F.col("u"), F.col("m")), F.lit(0.0))
    return (
        ratings.join(of_users, on="user_id", how="left")
        .join(of_movies, on="movie_id", how="left")
        .select(*ratings.columns, stars(base).alias("bias_only"), stars(base + taste).alias("predicted"))
    )


def star_figures(predictions: DataFrame) -> DataFrame:
    """One row: root mean square errors in stars, rmse of `predicted` and rmse_bias of `bias_only`."""
    return predictions.agg(_rmse("predicted").alias("rmse"), _rmse("bias_only").alias("rmse_bias"))


def errors_by_user(predictions: DataFrame) -> DataFrame:
    """user_id, ratings (how many) and squared_…, absolute_… of `bias_only` and `predicted`: sums of the errors."""
    sums = []
    for name in ("bias_only", "predicted"):
        error = F.col(name) - F.col("rating")
        sums += [F.sum(error * error).alias(f"squared_{name}"), F.sum(F.abs(error)).alias(f"absolute_{name}")]
    return predictions.groupBy("user_id").agg(F.count(F.lit(1)).alias("ratings"), *sums)


def product(left: Column, right: Column) -> Column:
    """Inner product of two arrays of one length; null where one of them is."""
    terms = F.zip_with(left, right, lambda a, b: (a * b).cast("double"))
    return F.aggregate(terms, F.lit(0.0), lambda total, term: total + term)


def _rmse(predicted: str) -> Column:
    return F.sqrt(F.avg(F.pow(F.col(predicted) - F.col("rating"), F.lit(2.0))))


def _share(flag: str) -> Column:
    return F.count(flag) / F.count(F.lit(1))
