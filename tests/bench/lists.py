"""The hundred best unseen movies of every user beside MLlib's `recommendForAllUsers`, which leaves none out."""

from __future__ import annotations

import numpy as np
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.transforms.topn import Movies, best_unseen, histories
from tests.bench.side_by_side import Comparison, compare, seconds

N = 100


def bench(ratings: DataFrame, turns: int, share: float) -> list[Comparison]:
    """Seconds for all users; MLlib's are those of a `share` of the users, divided by it."""
    model = ALS(rank=64, maxIter=1, implicitPrefs=True, userCol="user_id", itemCol="movie_id", seed=1).fit(ratings)
    users = histories(ratings).join(model.userFactors.toDF("user_id", "factors"), on="user_id", how="inner").cache()
    part = model.userFactors.select(F.col("id").alias("user_id")).where(F.rand(1) < share).cache()
    everyone, some = users.count(), part.count()
    table = model.itemFactors.orderBy("id").toPandas()
    movies = Movies(table["id"].to_numpy(np.int32), np.vstack(table["features"].to_list()).astype(np.float32))
    sent = ratings.sparkSession.sparkContext.broadcast(movies)

    def ours() -> float:
        return seconds(lambda: _read(best_unseen(users, sent, N)))

    def theirs() -> float:
        return seconds(lambda: _read(model.recommendForUserSubset(part, N))) * everyone / some

    return [compare(f"lists: top {N} of {everyone:,} users, recommendForAllUsers ÷ ours", ours, theirs, turns)]


def _read(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()
