"""Make a catalogue of movies and shows of any size, in the form that build_catalogue reads.

Beside generated ratings a third of the titles are their movies, so that there is something to link. Beside real ones,
or none, no title is a movie of theirs, and none has an IMDb id.

Reads: DATA_DIR/clean/{movies,links} where they are and were generated.
Writes: OUT/{titles,credits}.csv, folders of parts, each with the header; OUT appears whole.
Example: make job JOB=generate_catalogue ARGS="--titles 100000 --credits 1000000"
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from domain.contract.catalogue import HEADERS
from domain.contract.generated import MARKER, is_generated, mark
from domain.generators.catalogue import LINKED_EVERY, MediaSizes
from spark_jobs.generators.output import replacing
from spark_jobs.generators.transforms.catalogue import PLANTED, media_parts
from spark_jobs.run import cli, flags
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths, spark_path
from spark_jobs.storage.record import Run

TITLES_PER_PART = 20_000  # with ten credits each about 10 MB of text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the job."""
    parser.add_argument("--titles", type=flags.positive, default=600, help="movies and shows (default: 600)")
    parser.add_argument("--credits", type=flags.positive, default=6000, help="about so many (default: 6000)")
    parser.add_argument("--seed", type=flags.positive, default=42, help="the same seed, the same bytes (default: 42)")
    parser.add_argument("--dirt-share", type=flags.minority, default=0.01, help="bad lines a title (default: 0.01)")
    parser.add_argument(
        "--out",
        type=flags.folder,
        help="folder to make anew (default: DATA_DIR/raw/catalogue)",
    )


def main(
    spark: SparkSession, run: Run, *, titles: int, credits: int, seed: int, dirt_share: float, out: Path | None
) -> None:
    """Let tasks write the parts, put them in their places, and publish the folder."""
    beside = is_beside_generated(run.paths)
    movies = known_movies(spark, run.paths, 1 + titles // LINKED_EVERY) if beside else ()
    sizes = MediaSizes(titles, credits, dirt_share, movies, apart=not beside)
    parts = 1 + titles // TITLES_PER_PART
    with replacing(out or run.paths.raw("catalogue"), "catalogue", MARKER) as staged:
        with run.step("write the parts") as step:
            media_parts(spark, seed, sizes, parts).write.partitionBy("file").text(str(staged))
            step.rows = titles
        planted = staged / f"file={PLANTED}"
        if planted.exists():
            for row in spark.read.text(spark_path(planted)).groupBy("value").count().collect():
                run.count(f"planted.{row['value']}", row["count"])
            shutil.rmtree(planted)
        run.count("titles", titles)
        put_in_place(staged)
        mark(staged, run.job)
    run.say(f"made: {titles:,} titles and about {credits:,} credits in {out or run.paths.raw('catalogue')}")


def is_beside_generated(paths: Paths) -> bool:
    """Whether clean ratings are there, and are generated."""
    return (paths.clean / "links").is_dir() and is_generated(clean_dataset(paths)["dataset_id"])


def known_movies(spark: SparkSession, paths: Paths, most: int) -> tuple[tuple[str, str, int], ...]:
    """IMDb id, title and year of the first movies of the clean MovieLens data."""
    links, movies = (Source(paths.clean / name).read(spark) for name in ("links", "movies"))
    joined = links.join(movies, on="movie_id", how="inner").where(F.col("year").isNotNull())
    first = joined.orderBy("movie_id").select("imdb_id", "title", "year").limit(most).collect()
    return tuple((row["imdb_id"], row["title"], row["year"]) for row in first)


def put_in_place(staged: Path) -> None:
    """Give the folders that Spark wrote the names of the files, and take away what is not a part."""
    for file in HEADERS:
        folder = (staged / f"file={file}").rename(staged / f"{file}.csv")
        for number, part in enumerate(sorted(folder.glob("part-*"))):
            part.rename(folder / f"part-{number:05d}.csv")
    for rest in staged.rglob("*"):
        if rest.is_file() and rest.suffix != ".csv":
            rest.unlink()


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
