"""The forms of MovieLens' ratings, and the first bad line told with its number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.contract.movielens import HEADERS, SCALE
from spark_jobs.movielens.rating_files import read_clean, read_ratings
from spark_jobs.storage.errors import JobError

HEADER = HEADERS["ratings"] + "\n"


def folder(tmp_path: Path, file: str, text: str) -> Path:
    (tmp_path / file).write_text(text, encoding="utf-8", newline="")
    return tmp_path


def read(spark: SparkSession, folder: Path) -> DataFrame:
    return read_ratings(spark, folder, SCALE, folder / "work")


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
    ratings = read(spark, folder(tmp_path, file, text))
    assert ratings.dtypes == [("user_id", "int"), ("movie_id", "int"), ("rating", "float"), ("rated_at", "timestamp")]
    found = ratings.selectExpr("user_id", "movie_id", "rating", "unix_timestamp(rated_at)").orderBy("user_id").collect()
    assert [tuple(row) for row in found] == [(1, 31, 2.5, 1260759144), (7, 5, 4.0, 0)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1,2,3", r"missing_field: '1,2,3'"),
        ("1,2,3,4,5", r"surplus_field: "),
        ("", r"blank_line: "),
        ("one,2,3,4", r"not_a_number \(userId «one»\): 'one,2,3,4'"),
        ("1,-2,3,4", r"id_out_of_range \(movieId «-2»\)"),
        ("3000000000,2,3,4", r"id_out_of_range \(userId «3000000000»\)"),
        ("1," + "9" * 60 + ",3,4", r"id_out_of_range \(movieId «9+»\)"),
        ("1,2,good,4", r"not_a_number \(rating «good»\)"),
        ("1,2,7.5,4", r"rating_out_of_range \(rating «7\.5»\).*Is the scale not 0\.5,5,0\.5\? Say it with --scale\."),
        ("1,2,3,yesterday", r"not_a_time \(timestamp «yesterday»\)"),
    ],
)
def test_the_first_bad_line_is_told_with_file_number_and_value(
    spark: SparkSession, tmp_path: Path, line: str, says: str
) -> None:
    text = HEADER + f"1,1,3.0,4\n{line}\n1,3,3.0,4\nalso bad\n"
    with pytest.raises(JobError, match=rf"ratings\.csv, line 3: {says}") as told:
        read(spark, folder(tmp_path, "ratings.csv", text))
    assert "preprocess_movielens" in str(told.value)


def test_lines_of_files_without_a_header_are_counted_from_the_first(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"ratings\.dat, line 1: missing_field"):
        read(spark, folder(tmp_path, "ratings.dat", "1,2,3,4\n1::2::3::4\n"))


def test_a_missing_file_a_wrong_header_and_a_rating_given_twice_are_told(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"no ratings \(ratings: ratings\.csv or rating\.csv or .* u\.data\)"):
        read(spark, tmp_path)
    with pytest.raises(JobError, match=r"first line is 'user,item', but must be «userId,"):
        read(spark, folder(tmp_path, "ratings.csv", "user,item\n"))
    with pytest.raises(JobError, match=r"user 1 rates movie 2 2 times"):
        read(spark, folder(tmp_path, "ratings.csv", HEADER + "1,2,3,4\n1,2,5,6\n"))


def test_cleaned_ratings_with_other_columns_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(2**40, 1, 3.0, datetime(2020, 1, 1, tzinfo=UTC))]
    wide = spark.createDataFrame(rows, "user_id long, movie_id int, rating float, rated_at timestamp")
    wide.write.parquet(str(tmp_path / "ratings"))
    with pytest.raises(JobError, match="user_id"):
        read_clean(spark, tmp_path / "ratings")
