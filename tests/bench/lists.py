"""The hundred best unseen movies of every user beside MLlib's `recommendForAllUsers`, which leaves none out, and beside
the top-k of `implicit` in the same tasks, which computes all products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from implicit.cpu.topk import topk
from pyspark import Broadcast
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from domain.models.largest_products import NOTHING
from spark_jobs.frames.arrow_lists import flat, lists, matrix, owners
from spark_jobs.models.saved import MOVIES, USERS, choose, ranking
from spark_jobs.models.transforms.topn import LISTS, Items, as_items, best_unseen, histories, small
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.paths import Paths
from tests.bench.side_by_side import Comparison, compare, seconds

N = 100


def bench(ratings: DataFrame, paths: Paths, turns: int, share: float) -> list[Comparison]:
    """Seconds for all users, ours and `implicit`'s with the factors of the last model: how long these are decides.

    MLlib's are with factors of its own, as many, for a `share` of the users, divided by it; no length helps it.
    """
    model = choose(paths, clean_dataset(paths)["dataset_id"], None)
    factors = model.frame(ratings.sparkSession, USERS).withColumnRenamed("id", "user_id")
    users = histories(as_items(ratings)).join(factors, on="user_id", how="inner").cache()
    sent = ratings.sparkSession.sparkContext.broadcast(ranking(model.table(MOVIES)))
    rank = sent.value.factors.shape[1]
    als = ALS(rank=rank, maxIter=1, implicitPrefs=True, userCol="user_id", itemCol="movie_id", seed=1).fit(ratings)
    part = als.userFactors.select(F.col("id").alias("user_id")).where(F.rand(1) < share).cache()
    everyone, some = users.count(), part.count()

    def ours() -> float:
        return seconds(lambda: _read(best_unseen(users, sent, N)))

    def of_mllib() -> float:
        return seconds(lambda: _read(als.recommendForUserSubset(part, N))) * everyone / some

    def of_implicit() -> float:
        return seconds(lambda: _read(_all_products(users, sent)))

    title = f"lists: top {N} of {everyone:,} users"
    return [
        compare(f"{title}, implicit's top-k ÷ ours", ours, of_implicit, turns),
        compare(f"{title}, recommendForAllUsers ÷ ours", ours, of_mllib, turns),
    ]


def _all_products(users: DataFrame, items: Broadcast[Items]) -> DataFrame:
    def rank(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        ids, factors = items.value.ids, items.value.factors
        for batch in small(batches):
            seen, known = items.value.positions(flat(batch["rated_ids"]))
            pairs = owners(batch["rated_ids"])[known], seen[known]
            left_out = csr_matrix((np.ones(known.sum(), np.float32), pairs), shape=(batch.num_rows, len(ids)))
            with threadpool_limits(1, user_api="blas"):
                found, scores = topk(factors, matrix(batch["factors"]), N, filter_query_items=left_out, num_threads=1)
            kept = scores > NOTHING
            columns = {"item_ids": lists(ids[found], kept), "scores": lists(scores, kept)}
            yield pa.record_batch({"user_id": batch["user_id"], **columns})

    return users.select("user_id", "factors", "rated_ids").mapInArrow(rank, LISTS)


def _read(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()
