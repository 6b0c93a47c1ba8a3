"""Predicted stars by hand."""

from __future__ import annotations

from pyspark.sql import SparkSession

from spark_jobs.models.transforms.stars import with_predicted_stars


def test_stars_are_clipped_and_the_unknown_counts_as_zero(spark: SparkSession) -> None:
    ratings = spark.createDataFrame(
        [(1, 1, 4.0), (1, 2, 5.0), (9, 1, 2.0), (9, 9, 3.0)], "user_id int, movie_id int, rating float"
    )
    schema = "id int, bias float, factors array<float>"
    users = spark.createDataFrame([(1, 0.5, [1.0, 2.0])], schema)
    movies = spark.createDataFrame([(1, -0.5, [0.5, 0.25]), (2, 1.0, [9.0, 9.0])], schema)
    rows = with_predicted_stars(ratings, users, movies, mean=3.0).collect()
    predictions = {(row.user_id, row.movie_id): (row.bias_only, row.predicted) for row in rows}
    assert predictions == {(1, 1): (3.0, 4.0), (1, 2): (4.5, 5.0), (9, 1): (2.5, 2.5), (9, 9): (3.0, 3.0)}
