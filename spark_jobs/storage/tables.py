"""The tables of cql/: in Cassandra, or as folders of Parquet for tests and dry runs.

Only this file knows the connector.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import UNSET_VALUE
from pyspark.sql import DataFrame, Observation, Row, SparkSession
from pyspark.sql import functions as F

from cql import TABLES
from cql.apply import differences
from cql.connect import CassandraUnavailable, Contact, connect
from domain.contract.files import plain_path
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import swap_in
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.schemas import table_schema

CONNECTOR = "org.apache.spark.sql.cassandra"


def align(table: str, frame: DataFrame) -> DataFrame:
    """`frame` with exactly the columns of `table`, in their order.

    Raises:
        JobError: columns are missing, unknown or of another type; the message lists them all.
    """
    wanted = {field.name: field.dataType.simpleString() for field in table_schema(table)}
    found = dict(frame.dtypes)
    problems = [
        f"{name} is {found.get(name, 'missing')}, the table has {wanted.get(name, 'no such column')}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
    if problems:
        raise JobError(f"Rows for table {table} do not fit cql/tables/{table}.cql: {'; '.join(problems)}.")
    return frame.select(*wanted)


class Tables(Protocol):
    """Where a job's tables are: Cassandra, or a folder of Parquet for tests and dry runs."""

    def write(self, spark: SparkSession, table: str, frame: DataFrame) -> int:
        """Insert or replace the rows by primary key; returns how many rows were sent."""

    def insert(self, spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> None:
        """Insert or replace few rows, without tasks where that can be; columns that a row does not name stay unset."""

    def column(self, spark: SparkSession, table: str, column: str, key: dict[str, Any]) -> list[Any]:
        """The values of a column in the partition of that key, without tasks where that can be."""

    def is_empty(self, table: str) -> bool:
        """Whether it has no row, without Spark: a read by the connector takes seconds."""

    def read(self, spark: SparkSession, table: str) -> DataFrame:
        """All rows, columns in the order of the table's file; filter and select before acting, both are pushed down."""

    def delete(self, spark: SparkSession, table: str, keys: DataFrame) -> None:
        """Delete the rows under each key: a frame of the partition key's columns, or of more of the primary key."""


class CassandraTables:
    """The tables in Cassandra, through the Spark Cassandra Connector."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact

    def check(self) -> None:
        """Return when Cassandra answers and its tables are those of cql/tables.

        Raises:
            JobError: it does not, or they are not.
        """
        with self.session() as session:
            if problems := differences(session):
                raise JobError("The live schema differs from cql/tables: " + " ".join(problems))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A driver session for small reads, writes and flips on the driver's side.

        Raises:
            JobError: Cassandra does not answer.
        """
        try:
            session = connect(self.contact)
        except CassandraUnavailable as error:
            raise JobError(str(error)) from error
        try:
            yield session
        finally:
            session.cluster.shutdown()

    def write(self, spark: SparkSession, table: str, frame: DataFrame) -> int:
        """See `Tables.write`; unlogged batches by replicas, nulls are left unset (they would be tombstones)."""
        sent = Observation()
        counted = align(table, frame).observe(sent, F.count(F.lit(1)).alias("rows"))
        if TABLES[table].clustering_key:  # rows of a partition in one batch are one mutation (docs/results)
            counted = counted.sortWithinPartitions(*TABLES[table].partition_key)
        counted.write.format(CONNECTOR).options(**self._place(table)).mode("append").save()
        return int(sent.get["rows"])

    def insert(self, spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> None:
        """See `Tables.insert`; by the Python driver: the connector's first write in a session takes ten seconds."""
        names = TABLES[table].column_names
        values = [[UNSET_VALUE if row.get(name) is None else row[name] for name in names] for row in rows]
        with self.session() as session:
            execute_concurrent_with_args(session, session.prepare(TABLES[table].insert), values, concurrency=64)

    def column(self, spark: SparkSession, table: str, column: str, key: dict[str, Any]) -> list[Any]:
        """See `Tables.column`."""
        where = " AND ".join(f"{name} = ?" for name in key)
        with self.session() as session:
            statement = session.prepare(f"SELECT {column} FROM {table} WHERE {where}")
            return [row[0] for row in session.execute(statement, list(key.values()))]

    def is_empty(self, table: str) -> bool:
        """See `Tables.is_empty`."""
        with self.session() as session:
            return session.execute(f"SELECT {TABLES[table].partition_key[0]} FROM {table} LIMIT 1").one() is None

    def read(self, spark: SparkSession, table: str) -> DataFrame:
        """See `Tables.read`."""
        stored = spark.read.format(CONNECTOR).options(**self._place(table)).load()
        return stored.select(*TABLES[table].column_names)  # Cassandra itself sorts them by name

    def delete(self, spark: SparkSession, table: str, keys: DataFrame) -> None:
        """See `Tables.delete`; the connector offers deletion to Scala only, so tasks use the Python driver."""
        contact, columns = self.contact, keys.columns
        where = " AND ".join(f"{name} = ?" for name in columns)

        def delete_rows(rows: Iterator[Row]) -> None:
            session = connect(contact)
            try:
                statement = session.prepare(f"DELETE FROM {table} WHERE {where}")
                values = (tuple(row) for row in rows)
                done = execute_concurrent_with_args(session, statement, values, concurrency=64, results_generator=True)
                for _ in done:  # as they come: a list of results would hold a million requests in memory
                    pass
            finally:
                session.cluster.shutdown()

        keys.foreachPartition(delete_rows)

    def _place(self, table: str) -> dict[str, str]:
        return {"table": table, "keyspace": self.contact.keyspace}

    def __str__(self) -> str:
        return f"cassandra at {self.contact.address}, keyspace {self.contact.keyspace}"


class ParquetTables:
    """The tables as Parquet folders under `root`; rows are appended, one folder a table."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, spark: SparkSession, table: str, frame: DataFrame) -> int:
        """See `Tables.write`; a row with the key of an earlier one is appended, `read` keeps the two."""
        rows = align(table, frame).cache()
        rows.write.mode("append").parquet(str(self.root / table))
        return rows.count()

    def insert(self, spark: SparkSession, table: str, rows: list[dict[str, Any]]) -> None:
        """See `Tables.insert`."""
        self.write(spark, table, spark.createDataFrame(rows, table_schema(table)))

    def column(self, spark: SparkSession, table: str, column: str, key: dict[str, Any]) -> list[Any]:
        """See `Tables.column`."""
        rows = self.read(spark, table)
        for name, value in key.items():
            rows = rows.where(F.col(name) == value)
        return [row[column] for row in rows.select(column).collect()]

    def is_empty(self, table: str) -> bool:
        """See `Tables.is_empty`."""
        return not (self.root / table).is_dir() or Source(self.root / table).count() == 0

    def read(self, spark: SparkSession, table: str) -> DataFrame:
        """See `Tables.read`."""
        if not (self.root / table).is_dir():
            return spark.createDataFrame([], table_schema(table))
        return spark.read.schema(table_schema(table)).parquet(spark_path(self.root / table))

    def delete(self, spark: SparkSession, table: str, keys: DataFrame) -> None:
        """See `Tables.delete`."""
        kept = self.read(spark, table).join(keys, on=keys.columns, how="left_anti")
        staged = self.root / f"{table}.staged"
        kept.write.mode("overwrite").parquet(str(staged))
        swap_in(staged, self.root / table)

    def __str__(self) -> str:
        return f"Parquet under {self.root}"


def parse_tables(text: str) -> Tables:
    """The argparse type of `--tables`: `cassandra`, or `parquet:DIR`."""
    if text == "cassandra":
        try:
            return CassandraTables(Contact.from_env())
        except ValueError as error:  # whose message argparse would not show
            raise argparse.ArgumentTypeError(str(error)) from error
    kind, _, folder = text.partition(":")
    if kind == "parquet" and folder:
        return ParquetTables(plain_path(folder))
    raise argparse.ArgumentTypeError(f"{text!r} is neither «cassandra» nor «parquet:DIR»")
