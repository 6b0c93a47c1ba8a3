"""From cleaned ratings to stored lists beside the plain way: MLlib, `recommendForAllUsers`, rows by the driver.

Both store the ratings, train ten iterations of implicit ALS at rank 64, find a hundred movies for each user and store
them. The plain way leaves out no movie that a user has seen, which makes it quicker than a fair one would be. It stores
a row for each rating, ours a row of lists for each user.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from cql import TABLES
from cql.apply import apply
from cql.connect import Contact, connect
from domain.models.settings import RANKING
from spark_jobs.models.block_als import BlockALS
from spark_jobs.models.transforms.topn import Items, as_items, best_unseen, histories
from spark_jobs.movielens.transforms.ratings import ratings_by_user
from spark_jobs.storage.tables import CassandraTables, align
from tests.bench.side_by_side import Comparison, compare, seconds
from tests.bench.storing import TABLE, one_each

KEYSPACE = "recommender_bench"
LISTS = "recommendations_by_user"
RANK, ITERATIONS, N = 64, 10, 100


def bench(ratings: DataFrame, turns: int, share: float) -> list[Comparison]:
    """Seconds from the cleaned ratings of a `share` of the users to their stored lists."""
    contact = replace(Contact.from_env(), keyspace=KEYSPACE)
    apply(contact)
    some = ratings.where(F.pmod(F.xxhash64("user_id"), F.lit(1_000_000)) < share * 1_000_000).cache()
    name = f"path: {some.count():,} ratings to stored lists, plain ÷ ours"
    session = connect(contact)
    try:
        return [compare(name, lambda: _ours(some, contact), lambda: _plain(some, session), turns)]
    finally:
        session.execute(f"DROP KEYSPACE {KEYSPACE}", timeout=120)
        session.cluster.shutdown()


def _ours(ratings: DataFrame, contact: Contact) -> float:
    spark, tables = ratings.sparkSession, CassandraTables(contact)
    settings = replace(RANKING, rank=RANK, iterations=ITERATIONS)
    work = Path(tempfile.mkdtemp(prefix="bench-"))

    def publish() -> None:
        items = as_items(ratings)
        model = BlockALS(work).implicit(items, settings, 1)
        table = model.items.orderBy("id").toPandas()
        movies = Items(table["id"].to_numpy(np.int32), np.vstack(table["factors"].to_list()).astype(np.float32))
        users = histories(items).join(model.users.withColumnRenamed("id", "user_id"), on="user_id")
        lists = best_unseen(users, spark.sparkContext.broadcast(movies), N).withColumnRenamed("item_ids", "movie_ids")
        tables.write(spark, LISTS, _list_rows(lists))

    def store() -> None:
        tables.write(spark, "ratings_by_user", ratings_by_user(ratings).withColumn("dataset_id", F.lit("bench")))

    try:
        return _timed("ours", store=store, learn=publish)
    finally:
        shutil.rmtree(work)


def _plain(ratings: DataFrame, session: Session) -> float:
    def publish() -> None:
        als = ALS(rank=RANK, maxIter=ITERATIONS, implicitPrefs=True, userCol="user_id", itemCol="movie_id", seed=1)
        found = als.fit(ratings.select("user_id", "movie_id", "rating")).recommendForAllUsers(N)
        columns = [F.col(f"recommendations.{name}") for name in ("movie_id", "rating")]
        lists = found.select("user_id", columns[0].alias("movie_ids"), columns[1].alias("scores"))
        _write(session, LISTS, _list_rows(lists))

    return _timed("plain", store=lambda: _write(session, TABLE, one_each(ratings)), learn=publish)


def _timed(name: str, **parts: Callable[[], object]) -> float:
    found = {part: seconds(work) for part, work in parts.items()}
    print(f"  {name}: {', '.join(f'{part} {taken:.1f} s' for part, taken in found.items())}", flush=True)
    return sum(found.values())


def _list_rows(lists: DataFrame) -> DataFrame:
    """Stars and reasons are not computed by either way; columns of the same size stand for them."""
    filled = lists.withColumns({"predicted_ratings": F.col("scores"), "because_ids": F.col("movie_ids")})
    return align(LISTS, filled.withColumn("run_id", F.lit("bench")))


def _write(session: Session, table: str, rows: DataFrame) -> None:
    statement = session.prepare(TABLES[table].insert)
    given: Iterable[Any] = (tuple(row) for row in rows.toLocalIterator(prefetchPartitions=True))
    for _ in execute_concurrent_with_args(session, statement, given, concurrency=100, results_generator=True):
        pass
