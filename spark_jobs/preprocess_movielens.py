"""Clean the files of a MovieLens release: every line becomes a clean row or a rejected one with its reason; store.

Reads: movies and ratings, and tags and links where they are there, of DIR: any release, packed or not
    (docs/jobs/preprocess_movielens.md); by default DATA_DIR/raw/NAME for the NAME that $SIZE says; what people rated,
    took back and hid on the site since: the table interactions_by_user.
Writes: DATA_DIR/clean, DATA_DIR/rejected; the tables movies_by_id, movies_by_term, links_by_movie, tags_by_movie,
    statistics_by_movie, breakdown_by_movie, ratings_by_user, users_by_id and insights_by_dataset.
Example: make job JOB=preprocess_movielens ARGS="--max-rejected-share 0.01"
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.insights import Insight
from domain.contract.movielens import HEADERS, LISTED, SCALE, Scale
from domain.contract.runs import Status
from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.movielens.cleaned import Cleaned
from spark_jobs.movielens.cleaning import Places, clean
from spark_jobs.movielens.interactions import merge_interactions, read_interactions
from spark_jobs.movielens.releases import is_invented, survey_release
from spark_jobs.movielens.segments import Segments, find_segments
from spark_jobs.movielens.transforms.breakdown import movie_breakdown
from spark_jobs.movielens.transforms.genome import fitting_tags
from spark_jobs.movielens.transforms.insights import insights
from spark_jobs.movielens.transforms.movies import movie_terms
from spark_jobs.movielens.transforms.ratings import ratings_by_user
from spark_jobs.movielens.transforms.statistics import movie_statistics, ratings_by_month, user_statistics
from spark_jobs.movielens.transforms.tags import count_uses
from spark_jobs.publishing.active import active_runs
from spark_jobs.run import cli, flags
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import RAW_NAMES
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables, parse_tables

log = logging.getLogger(__name__)

CLEANING_VERSION = 5  # raise it with every change of a rule or table: the same files then make another data set
MOST_SEGMENTS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of preprocess_movielens."""
    parser.add_argument(
        "--movielens",
        type=flags.folder,
        metavar="DIR",
        help="folder of a release, each file one or a folder of parts (default: DATA_DIR/raw/NAME for $SIZE)",
    )
    parser.add_argument(
        "--scale",
        type=flags.scale,
        default=SCALE,
        metavar="LOW,HIGH[,STEP]",
        help="of the ratings (default: 0.5,5,0.5)",
    )
    parser.add_argument(
        "--max-rejected-share", type=flags.share, default=0.05, help="of the lines of any of the files (default: 0.05)"
    )
    parser.add_argument("--force", action="store_true", help="clean and store even what is stored already")
    parser.add_argument(
        "--segments",
        type=flags.between(2, MOST_SEGMENTS),
        metavar="K",
        help="of users by taste (default: 4, 5 or 6, by silhouette)",
    )
    parser.add_argument("--tables", type=parse_tables, default="cassandra", help="cassandra (default) or parquet:DIR")


def main(
    spark: SparkSession,
    run: Run,
    *,
    movielens: Path | None,
    scale: Scale = SCALE,
    max_rejected_share: float,
    force: bool,
    segments: int | None,
    tables: Tables,
) -> None:
    """Check, clean and merge beside the earlier data set, store under the new id, and only then replace that one."""
    folder = movielens or run.paths.raw(RAW_NAMES[os.environ.get("SIZE") or "s"])
    cleaned = Cleaned(run.paths)
    with scratch(run.paths.checkpoints / run.run_id) as work, cleaned.exclusively():
        with run.step("check the files") as step:
            files = survey_release(folder, work)
            step.rows = sum(file.lines for file in files.values())
        if absent := [name for name in HEADERS if not files[name].parts]:
            run.fact("absent", absent)
        found = read_interactions(spark, run, tables, work)
        digests = {name: file.sha256 for name, file in sorted(files.items())}
        content = [CLEANING_VERSION, str(scale), digests, *found.digest]
        run.dataset_id = datasets.named(folder.name, content, is_invented(folder))
        about = cleaned.about(run.dataset_id)
        if about and not force and is_stored(run.dataset_id, tables):
            run.counts.update(about["counts"] | run.counts)
            run.fact("unchanged", True)
            log.info("%s is unchanged: cleaned and stored by run %s", run.dataset_id, about["run_id"])
            return
        with fitted_shuffles(spark, max(file.lines for file in files.values())):
            clean(spark, run, Places(folder, cleaned, max_rejected_share), files, scale)
            merge_interactions(spark, run, cleaned, found, scale)
            run.save()  # names the data set before its first row is stored: retention finds them after a kill, too
            store(spark, run, cleaned, tables, scale, segments)
        cleaned.publish(
            {
                "dataset_id": run.dataset_id,
                "run_id": run.run_id,
                "source": str(folder),
                "scale": str(scale),
                "files": {name: {"bytes": file.size, "sha256": file.sha256} for name, file in files.items()},
                "interactions": found.rated,
                "counts": run.counts,
            }
        )


def is_stored(dataset: str, tables: Tables) -> bool:
    """Whether an earlier run has stored all of the data set, and nothing has deleted it since."""
    return any(run.dataset_id == dataset and run.status == Status.DONE for run in active_runs(tables).cleanings())


def store(spark: SparkSession, run: Run, cleaned: Cleaned, tables: Tables, scale: Scale, segments: int | None) -> None:
    """Write the tables of the data set from its staged clean rows.

    Raises:
        JobError: a table got another number of rows than there are.
    """
    movies, ratings, tags, links = (
        Source(cleaned.staged("clean", name)).read(spark) for name in ("movies", "ratings", "tags", "links")
    )
    write = partial(_write_table, spark, run, tables)
    with run.step("figures of movies and users") as step:
        statistics = movie_statistics(movies, ratings, tags, scale).cache()
        users = user_statistics(ratings, movies).cache()
        run.count("users", users.count())
        step.rows = statistics.count() + run.counts["users"]
    found = _segments(run, users, movies, segments)
    write("movies_by_id", movies, run.counts["movies.clean"])
    write("movies_by_term", movie_terms(movies, statistics))
    write("links_by_movie", links, run.counts["links.clean"])
    write("tags_by_movie", _tags(spark, cleaned, tags))
    write("statistics_by_movie", statistics, run.counts["movies.clean"])
    write("breakdown_by_movie", movie_breakdown(ratings, found.users))
    write("users_by_id", found.users, run.counts["users"])
    blocks = users.agg(F.sum(F.ceil(F.col("rating_count") / LISTED))).collect()[0][0] or 0
    write("ratings_by_user", ratings_by_user(ratings), blocks)
    figures = insights(
        statistics.join(movies, on="movie_id", how="inner").toPandas(),
        users.select("user_id", "rating_count", "mean_rating").toPandas(),
        ratings_by_month(ratings).toPandas(),
        scale,
    )
    figures[Insight.USER_SEGMENTS] = found.columns
    rows = [(str(name), json.dumps(columns, ensure_ascii=False)) for name, columns in figures.items()]
    write("insights_by_dataset", spark.createDataFrame(rows, "name string, data string"), len(rows))


def _tags(spark: SparkSession, cleaned: Cleaned, tags: DataFrame) -> DataFrame:
    """Tags that users gave, and those of the tag genome where there is one."""
    used, scores = count_uses(tags), cleaned.staged("clean", "genome-scores")
    return used.unionByName(fitting_tags(Source(scores).read(spark), used)) if scores.is_dir() else used


def _segments(run: Run, users: DataFrame, movies: DataFrame, k: int | None) -> Segments:
    with run.step("segments of users by taste") as step:
        genres = sorted(row["genre"] for row in movies.select(F.explode("genres").alias("genre")).distinct().collect())
        found = find_segments(users, genres, k)
        step.rows = sum(found.columns["users"])
    run.count("users.in_segments", step.rows)
    if found.silhouette is not None:
        run.metric("silhouette", found.silhouette)
    return found


def _write_table(
    spark: SparkSession, run: Run, tables: Tables, table: str, rows: DataFrame, expected: int | None = None
) -> None:
    with run.step(f"store {table}") as step:
        step.rows = tables.write(spark, table, rows.withColumn("dataset_id", F.lit(run.dataset_id)))
    if expected is not None and step.rows != expected:
        raise JobError(f"Table {table} got {step.rows:,} rows instead of {expected:,}. Run again.")


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
