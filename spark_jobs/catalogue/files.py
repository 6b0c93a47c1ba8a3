"""titles.csv and credits.csv: every record becomes a clean row or a rejected one, in the folder of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from domain.contract.catalogue import HEADERS, ROLES, TYPES
from spark_jobs.catalogue.transforms.records import classify_credits, classify_titles
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, read_records, survey
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, separate
from spark_jobs.storage.schemas import CATALOGUE

KINDS = {"titles": ("type", TYPES), "credits": ("role", ROLES)}  # file → the column that is counted, and its values


def survey_catalogue(folder: Path) -> dict[str, RawFile]:
    """Both files of `folder`, found, checked and digested.

    Raises:
        JobError: one is missing, empty, unreadable, or has another header.
    """
    how = "titles.csv and credits.csv with --catalogue or CATALOGUE_DIR"
    return {name: survey(folder, name, HEADERS, how) for name in HEADERS}


def clean_catalogue(
    spark: SparkSession, run: Run, files: dict[str, RawFile], folder: Path, max_rejected_share: float
) -> tuple[DataFrame, DataFrame]:
    """The clean titles and credits, from the Parquet written to `folder`/{titles,credits}; rejected ones are beside.

    The frames have as many partitions as shuffles have now.

    Raises:
        JobError: too many records of a file are rejected, or records are lost.
    """
    partitions = int(spark.conf.get("spark.sql.shuffle.partitions") or 1)
    clean = partial(_clean_file, spark, run, folder, max_rejected_share)
    titles = clean(files["titles"], partial(classify_titles, partitions=partitions))
    credits = clean(files["credits"], partial(classify_credits, titles=titles, partitions=partitions))
    return titles, credits


def _clean_file(
    spark: SparkSession,
    run: Run,
    folder: Path,
    max_rejected_share: float,
    raw: RawFile,
    classify: Callable[[DataFrame], DataFrame],
) -> DataFrame:
    name, kind = raw.name, KINDS[raw.name][0]
    clean, rejected = Source(folder / name), Source(folder / f"rejected_{name}")
    with run.step(f"clean {name}") as step:
        records = read_records(spark, raw).persist(StorageLevel.DISK_ONLY)
        step.rows = records.count()
        if name == "titles" and not step.rows:
            raise JobError(f"{raw.parts[0]}: no records after the header, so there is nothing to show.")
        place = raw.parts[0].parent
        cleaning = Cleaning(name, place, step.rows, clean, rejected, max_rejected_share, unit="records")
        separate(run, classify(records), raw, cleaning, CATALOGUE[name].names, also=[kind])
        records.unpersist()
    _count_kinds(run, name, clean, rejected)
    return clean.read(spark)


def _count_kinds(run: Run, name: str, clean: Source, rejected: Source) -> None:
    """Count the records of each type of title, or each role of a credit."""
    kind, values = KINDS[name]
    good, bad = clean.tally(kind), rejected.tally(kind)
    for value in values:
        run.count(f"{name}.in.{value}", good[value,] + bad[value,])
        run.count(f"{name}.clean.{value}", good[value,])
