"""Clean a catalogue of movies and shows, link it to MovieLens, and publish it under a new run that readers then see.

Every record of the two files becomes a clean row or a rejected one with its reason. Tables are written beside those of
the active run, counted and read back; one flip in active_runs shows them all.

Reads: DIR/{titles,credits}.csv, packed or not, by default $CATALOGUE_DIR or DATA_DIR/raw/catalogue;
    DATA_DIR/clean/links where it is.
Writes: media_by_id, media_by_movie, credits_by_title, people_by_id, titles_by_person, titles_by_score, titles_by_year,
    facets_by_run, people_by_head, titles_by_head, similar_by_title, active_runs; DATA_DIR/catalogue/<run_id>
Example: make job JOB=build_catalogue ARGS="--catalogue /path/to/netflix"
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pyarrow.compute as pc
from pyarrow.dataset import dataset
from pyspark.sql import DataFrame, SparkSession

from cql.kinds import Kind
from domain.contract.files import plain_path
from domain.contract.generated import is_generated, is_marked
from spark_jobs.catalogue.files import clean_catalogue, survey_catalogue
from spark_jobs.catalogue.similar_titles import similar_by_title
from spark_jobs.catalogue.transforms import table_rows
from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.publishing.publisher import publisher
from spark_jobs.run import cli, flags
from spark_jobs.storage import datasets
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables, parse_tables

log = logging.getLogger(__name__)

TABLES = (
    "media_by_id",
    "media_by_movie",
    "credits_by_title",
    "people_by_id",
    "titles_by_person",
    "titles_by_score",
    "titles_by_year",
    "facets_by_run",
    "people_by_head",
    "titles_by_head",
    "similar_by_title",
)
GATHERED = ("people_by_head", "titles_by_head")  # made with all rows of a partition in one task
SHOWN, SHOWN_VALUES = 3, 10  # rows of each table in the run's record, for the overview, and values of a list in them


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of build_catalogue."""
    parser.add_argument(
        "--catalogue",
        type=flags.folder,
        metavar="DIR",
        help="folder of titles.csv and credits.csv, each a file or a folder of parts"
        " (default: $CATALOGUE_DIR, else DATA_DIR/raw/catalogue)",
    )
    parser.add_argument("--tables", type=parse_tables, default="cassandra", help="cassandra (default) or parquet:DIR")
    parser.add_argument("--similar", type=flags.positive, default=12, help="in a list of similar titles (default: 12)")
    parser.add_argument(
        "--max-rejected-share", type=flags.share, default=0.05, help="of the records of a file (default: 0.05)"
    )
    parser.add_argument("--keep", type=flags.positive, default=3, help="published runs to keep (default: 3)")


def main(
    spark: SparkSession,
    run: Run,
    *,
    catalogue: Path | None,
    tables: Tables,
    similar: int,
    max_rejected_share: float,
    keep: int,
) -> None:
    """Check, clean, link, and publish."""
    source = catalogue or plain_path(os.environ.get("CATALOGUE_DIR") or run.paths.raw("catalogue"))
    copies = {table: table for table in TABLES}
    with ExitStack() as stack:
        work = stack.enter_context(scratch(run.paths.checkpoints / run.run_id))
        with run.step("check the files") as step:
            files = survey_catalogue(source, work)
            step.rows = sum(file.lines for file in files.values())
        digests = {name: file.sha256 for name, file in sorted(files.items())}
        run.dataset_id = datasets.named(source.name, digests, is_marked(source))
        stack.enter_context(fitted_shuffles(spark, max(file.lines for file in files.values())))
        publication = stack.enter_context(publisher(spark, run, tables, Kind.CATALOGUE, copies, keep))
        folder = publication.folder
        titles, credits = clean_catalogue(spark, run, source, files, folder, max_rejected_share)
        frames = results(spark, run, titles, credits, lambda: similar_by_title(spark, folder, similar))
        publication.store_all(frames, GATHERED)
        describe(run, folder)


def results(
    spark: SparkSession, run: Run, titles: DataFrame, credits: DataFrame, similar: Callable[[], DataFrame]
) -> dict[str, Callable[[], DataFrame]]:
    """How to make the rows of each table, without run_id."""
    linked = link(spark, run, titles).cache()
    cards = table_rows.cards(titles).cache()
    people = table_rows.people(credits).cache()
    by_facet = table_rows.facet_cards(cards).cache()
    return {
        "media_by_id": lambda: linked,
        "media_by_movie": lambda: table_rows.media_by_movie(linked),
        "credits_by_title": lambda: table_rows.credits_by_title(credits),
        "people_by_id": lambda: people,
        "titles_by_person": lambda: table_rows.titles_by_person(credits, people, cards),
        "titles_by_score": lambda: by_facet,
        "titles_by_year": lambda: table_rows.titles_by_year(by_facet),
        "facets_by_run": lambda: table_rows.facets(by_facet),
        "people_by_head": lambda: table_rows.people_by_head(people),
        "titles_by_head": lambda: table_rows.titles_by_head(cards),
        "similar_by_title": similar,
    }


def link(spark: SparkSession, run: Run, titles: DataFrame) -> DataFrame:
    """`titles` with the movies of the clean MovieLens data; records which data these are.

    Invented titles are linked to invented movies only, whatever IMDb ids they have.
    """
    folder = run.paths.clean / "links"
    if not folder.is_dir():
        run.fact("linked_dataset", None)
        log.warning("%s: there is no clean MovieLens data, so nothing is linked to it.", folder)
        return table_rows.link_movies(titles, None, None)
    linked_dataset = clean_dataset(run.paths)["dataset_id"]
    if is_generated(run.dataset_id) and not is_generated(linked_dataset):
        run.fact("linked_dataset", None)
        log.warning("The catalogue is invented and %s is not, so nothing is linked to it.", linked_dataset)
        return table_rows.link_movies(titles, None, None)
    run.fact("linked_dataset", linked_dataset)
    return table_rows.link_movies(titles, Source(folder).read(spark), linked_dataset)


def describe(run: Run, folder: Path) -> None:
    """Record the share of movies that are linked, and some rows of each table."""
    run.count("links", run.counts["rows.media_by_movie"])
    linked = (pc.field("type") == "MOVIE") & pc.field("movie_id").is_valid()  # a show may be linked, too
    movies = dataset(folder / "media_by_id").count_rows(filter=linked)
    run.metric("linked_share.movies", movies / max(1, run.counts["titles.clean.MOVIE"]))
    run.fact("samples", {table: samples(folder / table) for table in TABLES})


def samples(folder: Path) -> list[dict[str, object]]:
    """Some rows of a table's copy, without their run_id; of numbers and lists as much as anybody reads."""
    rows = dataset(folder).head(SHOWN).drop_columns(["run_id"]).to_pylist()
    return [{name: _shown(value) for name, value in row.items()} for row in rows]


def _shown(value: object) -> object:
    match value:
        case float():
            return round(value, 3)
        case list():
            return value[:SHOWN_VALUES]
        case _:
            return value


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
