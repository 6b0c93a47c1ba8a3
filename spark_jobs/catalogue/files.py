"""titles.csv and credits.csv: every record becomes a clean row or a rejected one, in the folder of a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from domain.contract.catalogue import HEADERS, NAMES, OPTIONAL, OTHER_NAMES, ROLES, TYPES
from domain.contract.files import one_named
from spark_jobs.catalogue.transforms.records import classify_credits, classify_titles
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, named_columns, read_records, survey
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, separate
from spark_jobs.storage.schemas import CATALOGUE

log = logging.getLogger(__name__)

KINDS = {"titles": ("type", TYPES), "credits": ("role", ROLES)}  # file → the column that is counted, and its values


def survey_catalogue(folder: Path, work: Path) -> dict[str, RawFile]:
    """Both files of `folder`, found, checked and digested; `work` is a folder of the run for plain copies.

    Raises:
        JobError: one is missing, empty, unreadable, no text, or lacks a column that is needed.
    """
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return {kind: _survey(folder, kind, names, work) for kind in HEADERS}


def _survey(folder: Path, kind: str, names: Sequence[str], work: Path) -> RawFile:
    name = one_named(NAMES[kind], names)
    if name is None:
        there = ", ".join(names[:10]) or "nothing"
        raise JobError(
            f"{folder / NAMES[kind][0]}: no such file; the folder has {there}. Name one with titles.csv and credits.csv"
            " by --catalogue or CATALOGUE_DIR."
        )
    columns = {column: OTHER_NAMES.get(column, ()) for column in HEADERS[kind].split(",")}
    raw = survey(folder / name, kind, named_columns(columns, OPTIONAL[kind]), work)
    if lacking := [column for column, at in zip(raw.layout.names, raw.layout.places, strict=True) if at < 0]:
        log.warning("%s has no column %s: nothing is known of it.", folder / name, ", ".join(lacking))
    return raw


def clean_catalogue(
    spark: SparkSession, run: Run, source: Path, files: dict[str, RawFile], folder: Path, max_rejected_share: float
) -> tuple[DataFrame, DataFrame]:
    """The clean titles and credits, from the Parquet written to `folder`/{titles,credits}; rejected ones are beside.

    `source` is the folder of the `files`, by which messages name them.

    The frames have as many partitions as shuffles have now.

    Raises:
        JobError: too many records of a file are rejected, or records are lost.
    """
    partitions = int(spark.conf.get("spark.sql.shuffle.partitions") or 1)
    clean = partial(_clean_file, spark, run, source, folder, max_rejected_share)
    titles = clean(files["titles"], partial(classify_titles, partitions=partitions))
    credits = clean(files["credits"], partial(classify_credits, titles=titles, partitions=partitions))
    return titles, credits


def _clean_file(
    spark: SparkSession,
    run: Run,
    source: Path,
    folder: Path,
    max_rejected_share: float,
    raw: RawFile,
    classify: Callable[..., DataFrame],
) -> DataFrame:
    name, kind = raw.name, KINDS[raw.name][0]
    clean, rejected = Source(folder / name), Source(folder / f"rejected_{name}")
    with run.step(f"clean {name}") as step:
        records = read_records(spark, raw).persist(StorageLevel.DISK_ONLY)
        step.rows = records.count()
        if name == "titles" and not step.rows:
            file = source / raw.part_names[0]
            raise JobError(f"{file}: no records after the header, so there is nothing to show.")
        cleaning = Cleaning(name, source, step.rows, clean, rejected, max_rejected_share, unit="records")
        separate(run, classify(records, raw.layout), raw, cleaning, CATALOGUE[name].names, also=[kind])
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
