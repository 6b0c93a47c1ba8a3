"""titles.csv and credits.csv: every record becomes a clean row or a rejected one, in the folder of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.catalogue import HEADERS, ROLES, TYPES
from spark_jobs.catalogue.transforms.records import classify_credits, classify_titles
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, line_of, part_of, read_records, survey
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, account
from spark_jobs.storage.schemas import CATALOGUE

KINDS = {"titles": ("type", TYPES), "credits": ("role", ROLES)}  # file → the column that is counted, and its values


def survey_catalogue(folder: Path) -> dict[str, RawFile]:
    """Both files of `folder`, found, checked and digested.

    Raises:
        JobError: one is missing, empty, unreadable, or has another header.
    """
    how = "titles.csv and credits.csv with --catalogue or CATALOGUE_DIR"
    return {name: survey(folder, name, HEADERS, how) for name in HEADERS}


def catalogue_id(name: str, files: dict[str, RawFile]) -> str:
    """The id of a catalogue by the content of its files."""
    return datasets.named(name, {name: file.sha256 for name, file in sorted(files.items())})


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
    with run.step(f"clean {name}") as step:
        records = read_records(spark, raw).persist(StorageLevel.DISK_ONLY)
        step.rows = records.count()
        rows = classify(records).persist(StorageLevel.DISK_ONLY)
        rows.where(F.col("reason").isNull()).select(*CATALOGUE[name].names).write.parquet(str(folder / name))
        place = (part_of("position", raw).alias("file"), line_of("position").alias("line"))
        rejected = rows.where(F.col("reason").isNotNull()).select("reason", *place, "text", kind)
        rejected.write.parquet(str(folder / f"rejected_{name}"))
        rows.unpersist()
        records.unpersist()
    if name == "titles" and not step.rows:
        raise JobError(f"{raw.parts[0]}: no records after the header, so there is nothing to show.")
    clean, bad = Source(folder / name), Source(folder / f"rejected_{name}")
    account(spark, run, Cleaning(name, raw.parts[0].parent, step.rows, clean, bad, unit="records"), max_rejected_share)
    _count_kinds(run, name, clean, bad)
    return clean.read(spark)


def _count_kinds(run: Run, name: str, clean: Source, rejected: Source) -> None:
    """Count the records of each type of title, or each role of a credit."""
    kind, values = KINDS[name]
    good, bad = clean.tally(kind), rejected.tally(kind)
    for value in values:
        run.count(f"{name}.in.{value}", good[value,] + bad[value,])
        run.count(f"{name}.clean.{value}", good[value,])
