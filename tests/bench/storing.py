"""Rows into Cassandra: by the connector beside the Python driver's `execute_concurrent_with_args` in one process.

And rows that are a partition each: in batches of those that live on the same nodes beside one by one. Ratings are
stored as lists of their users: beside it stand rows of a table that has the same columns.
"""

from __future__ import annotations

from dataclasses import replace

from cassandra.concurrent import execute_concurrent_with_args
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from cql import TABLES
from cql.apply import apply
from cql.connect import Contact, connect
from spark_jobs.movielens.transforms.ratings import ratings_by_user
from spark_jobs.storage.tables import CassandraTables, align
from tests.bench.side_by_side import Comparison, compare, seconds

KEYSPACE = "recommender_bench"
TABLE = "sessions_by_user"  # many rows of a text, three numbers and a moment in a partition
ROWS = 200_000
ALONE = "links_by_movie"  # a row is a partition
ALONE_ROWS = 40_000
LISTED_ROWS = 2_000_000  # about
ONE_BY_ONE = {"batch.grouping.key": "partition", "concurrent.writes": "64"}


def bench(ratings: DataFrame, turns: int) -> list[Comparison]:
    """Microseconds a row of `TABLE`; the driver gets a tenth of the rows."""
    contact = replace(Contact.from_env(), keyspace=KEYSPACE)
    apply(contact)
    spark = ratings.sparkSession
    rows = one_each(ratings.limit(ROWS)).cache()
    few = [tuple(row) for row in rows.limit(ROWS // 10).collect()]
    count = rows.count()
    session = connect(contact)
    try:
        statement = session.prepare(TABLES[TABLE].insert)

        def ours() -> float:
            return 1e6 * seconds(lambda: CassandraTables(contact).write(spark, TABLE, rows)) / count

        def theirs() -> float:
            write = lambda: execute_concurrent_with_args(session, statement, few, concurrency=100)  # noqa: E731
            return 1e6 * seconds(write) / len(few)

        name = f"storing: a row of {TABLE}, execute_concurrent ÷ ours"
        return [
            compare(name, ours, theirs, turns, "µs"),
            _listed(ratings, contact, turns),
            _alone(spark, contact, turns),
        ]
    finally:
        session.execute(f"DROP KEYSPACE {KEYSPACE}")
        session.cluster.shutdown()


def one_each(ratings: DataFrame) -> DataFrame:
    """A row of `TABLE` for each rating."""
    filled = ratings.select(
        F.lit("bench").alias("run_id"),
        "user_id",
        F.col("rated_at").alias("began_at"),
        F.col("movie_id").cast("long").alias("session_id"),
        (F.col("rating") * 2).cast("int").alias("plays"),
    )
    return align(TABLE, filled)


def _listed(ratings: DataFrame, contact: Contact, turns: int) -> Comparison:
    """Microseconds a rating of some users: as lists, which are made here, too, and as rows."""
    of_users = F.pmod(F.xxhash64("user_id"), F.lit(1_000_000)) < 1_000_000 * LISTED_ROWS / ratings.count()
    some = ratings.where(of_users).cache()
    count, spark, tables = some.count(), ratings.sparkSession, CassandraTables(contact)

    def lists() -> float:
        of_bench = ratings_by_user(some).withColumn("dataset_id", F.lit("bench"))
        return 1e6 * seconds(lambda: tables.write(spark, "ratings_by_user", of_bench)) / count

    def rows() -> float:
        return 1e6 * seconds(lambda: tables.write(spark, TABLE, one_each(some).repartition("user_id"))) / count

    return compare(f"storing: one of {count:,} ratings, as rows ÷ as lists", lists, rows, turns, "µs")


def _alone(spark: SparkSession, contact: Contact, turns: int) -> Comparison:
    """Microseconds a row of a table whose rows are a partition each."""
    key = F.col("id").cast("int").alias("movie_id")
    rows = spark.range(ALONE_ROWS).select(F.lit("bench").alias("dataset_id"), key, F.lit("0111161").alias("imdb_id"))
    rows = rows.withColumn("tmdb_id", F.col("movie_id")).cache()
    count = rows.count()

    def batches() -> float:
        return 1e6 * seconds(lambda: CassandraTables(contact).write(spark, ALONE, rows)) / count

    def one_by_one() -> float:
        settings = {f"spark.cassandra.output.{name}": value for name, value in ONE_BY_ONE.items()}
        for name, value in settings.items():
            spark.conf.set(name, value)
        try:
            return batches()
        finally:
            for name in settings:
                spark.conf.unset(name)

    return compare("storing: a row that is a partition, one by one ÷ ours", batches, one_by_one, turns, "µs")
