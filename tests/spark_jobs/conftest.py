"""Small cleaned data for the jobs that learn and publish."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema

from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import CLEAN
from tests.support.parquet import save

USERS, MOVIES = 60, 80
CleanData = Callable[[Path, str], Paths]


def ratings_rows() -> list[tuple[int, int, float, datetime]]:
    """Users of four tastes: of a fourth of the movies they rate half, and high; of the others few, and low."""
    random = np.random.default_rng(7)
    users, movies = np.meshgrid(np.arange(1, USERS + 1), np.arange(1, MOVIES + 1), indexing="ij")
    own = users % 4 == movies % 4
    rated = random.random(own.shape) < np.where(own, 0.6, 0.05)
    stars = np.where(own, random.integers(7, 11, own.shape), random.integers(1, 7, own.shape)) / 2
    when = datetime(2020, 1, 1, tzinfo=UTC)
    return [(int(u), int(m), float(stars[u - 1, m - 1]), when) for u, m in np.argwhere(rated) + 1]


def tags_rows() -> list[tuple[int, int, str, datetime]]:
    """Two users name the taste of a third of the movies."""
    when = datetime(2020, 1, 1, tzinfo=UTC)
    return [(user, m, f"taste {m % 4}", when) for user in (1, 2) for m in range(3, MOVIES + 1, 3)]


@pytest.fixture(scope="session")
def clean_data() -> CleanData:
    """A function that puts cleaned data with a given dataset_id under a new DATA_DIR."""

    def write(root: Path, dataset_id: str) -> Paths:
        paths = Paths(root)
        movies = [(m, f"Movie {m}", 2000, ["Drama" if m % 4 < 2 else "War"]) for m in range(1, MOVIES + 1)]
        for name, rows in (("ratings", ratings_rows()), ("movies", movies), ("tags", tags_rows())):
            schema = to_arrow_schema(CLEAN[name])
            named = [dict(zip(schema.names, row, strict=True)) for row in rows]
            save(paths.clean / name, pa.Table.from_pylist(named, schema), parts=2)
        about = {"dataset_id": dataset_id, "run_id": "20200101T000000.000Z-aaaaaa"}
        (paths.clean / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
        return paths

    return write


@pytest.fixture(scope="session")
def movielens_clean(spark: SparkSession, movielens_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A DATA_DIR with the real ml-latest-small as preprocess_movielens leaves its ratings, movies and tags."""
    paths = Paths(tmp_path_factory.mktemp("movielens"))
    read = spark.read.option("header", True).option("escape", '"')
    read.csv(str(movielens_small / "ratings.csv")).select(
        F.col("userId").cast("int").alias("user_id"),
        F.col("movieId").cast("int").alias("movie_id"),
        F.col("rating").cast("float").alias("rating"),
        F.timestamp_seconds(F.col("timestamp").cast("long")).alias("rated_at"),
    ).write.parquet(str(paths.clean / "ratings"))
    read.csv(str(movielens_small / "movies.csv")).select(
        F.col("movieId").cast("int").alias("movie_id"),
        "title",
        F.lit(None).cast("int").alias("year"),
        F.split("genres", r"\|").alias("genres"),
    ).write.parquet(str(paths.clean / "movies"))
    read.csv(str(movielens_small / "tags.csv")).select(
        F.col("userId").cast("int").alias("user_id"),
        F.col("movieId").cast("int").alias("movie_id"),
        "tag",
        F.timestamp_seconds(F.col("timestamp").cast("long")).alias("tagged_at"),
    ).write.parquet(str(paths.clean / "tags"))
    about = {"dataset_id": "ml-latest-small", "run_id": "20200101T000000.000Z-aaaaaa"}
    (paths.clean / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return paths
