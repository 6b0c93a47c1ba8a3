"""The users' lines as tasks make them."""

from __future__ import annotations

from pyspark.sql import SparkSession

from domain.generators.movielens import Sample, SampleSizes, make_sample, user_lines
from spark_jobs.generators.transforms.movielens import user_blocks


def texts(spark: SparkSession, sample: Sample, partitions: int) -> dict[str, str]:
    """The text of each file, rows in the order of the partitions."""
    files: dict[str, list[str]] = {}
    for row in user_blocks(spark, sample, partitions).collect():
        files.setdefault(row.file, []).append(row.value)
    return {file: "\n".join(values) for file, values in files.items()}


def test_the_text_is_the_same_for_any_number_of_partitions(spark: SparkSession) -> None:
    sample = make_sample(1, SampleSizes(30, 200, 900, 0.02, 0.2))
    whole = {file: [] for file in user_lines(sample, 1)}
    for user in range(1, len(sample.users) + 1):
        for file, lines in user_lines(sample, user).items():
            whole[file] += lines
    expected = {file: "\n".join(lines) for file, lines in whole.items()}
    assert texts(spark, sample, 1) == expected
    assert texts(spark, sample, 7) == expected


def test_a_partition_without_users_writes_nothing(spark: SparkSession) -> None:
    sample = make_sample(1, SampleSizes(2, 200, 60))
    assert len(texts(spark, sample, 5)["ratings"].splitlines()) == 60
