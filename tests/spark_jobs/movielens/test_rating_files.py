"""The forms of MovieLens' ratings, and the first bad line told with its number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from domain.contract.movielens import HEADERS
from spark_jobs.movielens.rating_files import read_clean, read_ratings
from spark_jobs.storage.errors import JobError

HEADER = HEADERS["ratings"] + "\n"


def folder(tmp_path: Path, file: str, text: str) -> Path:
    (tmp_path / file).write_text(text, encoding="utf-8", newline="")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("ratings.csv", HEADER + "1,31,2.5,1260759144\n7,5,4,0\n"),
        ("ratings.csv", "\ufeff" + (HEADER + "1,31,2.5,1260759144\n7,5,4,0").replace("\n", "\r\n")),
        ("ratings.dat", "1::31::2.5::1260759144\n7::5::4::0\n"),
        ("u.data", "1\t31\t2.5\t1260759144\n7\t5\t4\t0"),
    ],
)
def test_every_form_is_read_alike(spark: SparkSession, tmp_path: Path, file: str, text: str) -> None:
    ratings = read_ratings(spark, folder(tmp_path, file, text))
    assert ratings.dtypes == [("user_id", "int"), ("movie_id", "int"), ("rating", "float"), ("rated_at", "timestamp")]
    found = ratings.selectExpr("user_id", "movie_id", "rating", "unix_timestamp(rated_at)").orderBy("user_id").collect()
    assert [tuple(row) for row in found] == [(1, 31, 2.5, 1260759144), (7, 5, 4.0, 0)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1,2,3", r"3 values between ',' in place of 4: '1,2,3'"),
        ("1,2,3,4,5", r"5 values between ','"),
        ("", r"1 values between ','"),
        ("one,2,3,4", r"the user id one is not a whole number"),
        ("1,-2,3,4", r"the movie id -2 is not a whole number"),
        ("3000000000,2,3,4", r"the user id 3000000000 does not fit 32 bits"),
        ("1," + "9" * 60 + ",3,4", r"the movie id 9+ does not fit 32 bits"),
        ("1,2,good,4", r"the rating good is no number"),
        ("1,2,7.5,4", r"the rating 7\.5 is not within 0\.5 … 5\.0 stars"),
        ("1,2,3,yesterday", r"the timestamp yesterday is not a number of seconds"),
    ],
)
def test_the_first_bad_line_is_told_with_file_number_and_value(
    spark: SparkSession, tmp_path: Path, line: str, says: str
) -> None:
    text = HEADER + f"1,1,3.0,4\n{line}\n1,3,3.0,4\nalso bad\n"
    with pytest.raises(JobError, match=rf"ratings\.csv, line 3: {says}") as told:
        read_ratings(spark, folder(tmp_path, "ratings.csv", text))
    assert "preprocess_movielens" in str(told.value)


def test_lines_of_files_without_a_header_are_counted_from_the_first(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"ratings\.dat, line 1: 1 values between '::'"):
        read_ratings(spark, folder(tmp_path, "ratings.dat", "1,2,3,4\n1::2::3::4\n"))


def test_a_missing_file_a_wrong_header_and_a_rating_given_twice_are_told(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"none of ratings\.csv, ratings\.dat, u\.data"):
        read_ratings(spark, tmp_path)
    with pytest.raises(JobError, match=r"line 1 is 'user,item', but must be «userId,"):
        read_ratings(spark, folder(tmp_path, "ratings.csv", "user,item\n"))
    with pytest.raises(JobError, match=r"user 1 rates movie 2 2 times"):
        read_ratings(spark, folder(tmp_path, "ratings.csv", HEADER + "1,2,3,4\n1,2,5,6\n"))


def test_cleaned_ratings_with_other_columns_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(2**40, 1, 3.0, datetime(2020, 1, 1, tzinfo=UTC))]
    wide = spark.createDataFrame(rows, "user_id long, movie_id int, rating float, rated_at timestamp")
    wide.write.parquet(str(tmp_path / "ratings"))
    with pytest.raises(JobError, match="user_id"):
        read_clean(spark, tmp_path / "ratings")
