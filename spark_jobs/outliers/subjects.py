"""Subjects that detect_outliers knows where to find: servers, users and movies."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import SparkSession

from domain.statistics.feature_scales import Kind
from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.outliers.numeric_tables import NumericTable, numeric, read_numbers
from spark_jobs.outliers.transforms.behaviour import MOVIE_SCALES, USER_SCALES, movie_behaviour, user_behaviour
from spark_jobs.storage.datasets import clean_dataset, scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths

SUBJECTS = ("servers", "users", "movies")
FROM_RATINGS = ("users", "movies")
NO_SERVERS = "`make job JOB=generate_servers` makes some up, or name your own rows by --input"
TASKS = 2  # for each core


@dataclass(frozen=True)
class Subject:
    """A table, its data set, the files of its labelled validation set, and the scales that suit its features."""

    table: NumericTable
    source: str
    dataset_id: str | None = None
    validation: list[str] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)


def shuffles_of(spark: SparkSession, paths: Paths, name: str | None) -> AbstractContextManager[None]:
    """Partitions of shuffles that suit a subject made from ratings, for a block; others are read as they are."""
    if name not in FROM_RATINGS or not (paths.clean / "ratings").is_dir():
        return nullcontext()
    return fitted_shuffles(spark, Source(paths.clean / "ratings").count())


def known_subject(spark: SparkSession, paths: Paths, name: str, work: Path) -> Subject:
    """One of SUBJECTS; `work` as in `read_numbers`.

    Raises:
        JobError: its data are not there; the message says what makes them.
    """
    if name == "servers":
        folder = paths.servers
        if not folder.is_dir():
            raise JobError(f"There are no servers to look at: {NO_SERVERS}.")
        files = [str(folder / file) for file in ("metrics.csv", "validation.csv", "labels.csv")]
        return Subject(read_numbers(spark, files[0], work), files[0], validation=files[1:])
    about = clean_dataset(paths)
    dataset_id = about["dataset_id"]
    ratings = Source(paths.clean / "ratings").read(spark)
    parts = TASKS * spark.sparkContext.defaultParallelism  # of Python, for far fewer rows than ratings
    if name == "users":
        table = numeric(user_behaviour(ratings, scale(about)).coalesce(parts), "user_id")
        return Subject(table, str(paths.clean / "ratings"), dataset_id, kinds=USER_SCALES)
    tags = Source(paths.clean / "tags").read(spark)
    table = numeric(movie_behaviour(ratings, tags).coalesce(parts), "movie_id")
    return Subject(table, f"ratings and tags in {paths.clean}", dataset_id, kinds=MOVIE_SCALES)
