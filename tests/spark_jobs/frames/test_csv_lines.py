"""The plans of cleaning stay small enough for Java to compile."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO

import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.cleaning.layouts import usual
from domain.contract.movielens import SCALE
from spark_jobs.movielens.releases import COLUMNS
from spark_jobs.movielens.transforms.ratings import classify_ratings
from spark_jobs.movielens.transforms.tags import classify_tags
from spark_jobs.songs.transforms.events import LINES, check_events
from spark_jobs.storage.schemas import CLEAN

LARGEST = 8000  # bytes of a method that HotSpot compiles; a plan that grows beyond 64 KB is not even Java's any more
USUAL = {kind: usual(columns) for kind, columns in COLUMNS.items()}
PLANS: dict[str, Callable[[SparkSession, DataFrame, DataFrame], DataFrame]] = {
    "ratings": lambda spark, raw, movies: classify_ratings(raw, USUAL["ratings"], SCALE, movies, 1_700_000_000, 2),
    "tags": lambda spark, raw, movies: classify_tags(raw, USUAL["tags"], movies, 1_700_000_000, 2),
    "events": lambda spark, raw, movies: check_events(spark.createDataFrame([], LINES), 1_700_000_000),
}


@pytest.mark.parametrize("name", PLANS)
def test_no_method_of_a_plan_is_too_large_to_be_compiled(spark: SparkSession, name: str) -> None:
    settings = {
        "spark.sql.codegen.wholeStage": "true",  # the tests' own session does without
        "spark.sql.codegen.factoryMode": "FALLBACK",
        "spark.sql.adaptive.enabled": "false",  # which shows no code before it runs
    }
    before = {key: spark.conf.get(key) for key in settings}
    for key, value in settings.items():
        spark.conf.set(key, value)
    try:
        raw = spark.range(3).selectExpr("id AS position", "CAST(id AS binary) AS value")
        movies = spark.range(3).selectExpr(
            "CAST(id AS int) AS movie_id", "'T' AS title", "1999 AS year", "array('Drama') AS genres"
        )
        assert movies.columns == CLEAN["movies"].names
        with redirect_stdout(StringIO()) as shown:
            PLANS[name](spark, raw, movies).explain("codegen")
    finally:
        for key, value in before.items():
            spark.conf.set(key, str(value))
    sizes = [int(size) for size in re.findall(r"maxMethodCodeSize:(-?\d+)", shown.getvalue())]
    assert sizes and min(sizes) > 0 and max(sizes) <= LARGEST
