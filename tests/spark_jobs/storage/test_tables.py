"""Tables of cql/ as folders of Parquet, and what does not fit them."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from spark_jobs.storage.errors import JobError
from spark_jobs.storage.tables import ParquetTables, align, parse_tables


@pytest.mark.parametrize("text", ["parquet:", "mysql", "cassandra:x"])
def test_tables_are_cassandra_or_a_parquet_folder(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="neither"):
        parse_tables(text)


def test_hosts_that_are_none_are_told_by_the_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASSANDRA_HOSTS", "a b")
    with pytest.raises(argparse.ArgumentTypeError, match="CASSANDRA_HOSTS='a b' is not allowed"):
        parse_tables("cassandra")


def test_rows_that_do_not_fit_a_table_are_refused_with_every_mismatch(spark: SparkSession) -> None:
    frame = spark.sql("SELECT 'd' AS dataset_id, 1L AS movie_id, 'tt1' AS imdb_id, 1 AS extra")
    with pytest.raises(JobError) as caught:
        align("links_by_movie", frame)
    for part in ("movie_id is bigint, the table has int", "tmdb_id is missing", "extra is int, the table has no such"):
        assert part in str(caught.value)


def test_parquet_tables_give_back_what_was_written_and_delete_by_key(spark: SparkSession, tmp_path: Path) -> None:
    stored = ParquetTables(tmp_path)
    rows = spark.sql(
        "SELECT 2 AS tmdb_id, 'd' AS dataset_id, CAST(id AS INT) AS movie_id, 'tt1' AS imdb_id FROM range(5)"
    )
    assert stored.is_empty("links_by_movie")
    assert stored.read(spark, "links_by_movie").count() == 0
    assert stored.write(spark, "links_by_movie", rows.where("movie_id > 9")) == 0
    assert stored.is_empty("links_by_movie"), "a folder without rows is empty, too"
    assert stored.write(spark, "links_by_movie", rows) == 5
    assert not stored.is_empty("links_by_movie")
    stored.delete(spark, "links_by_movie", rows.where("movie_id < 2").select("dataset_id", "movie_id"))
    assert sorted(row.movie_id for row in stored.read(spark, "links_by_movie").collect()) == [2, 3, 4]
