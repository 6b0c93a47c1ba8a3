"""titles.csv and credits.csv: every record becomes a clean row or a rejected one, in the folder of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.catalogue import HEADERS, ROLES, TYPES
from spark_jobs.catalogue.transforms.records import classify_credits, classify_titles
from spark_jobs.frames.partitions import fit_shuffles
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, line_of, part_of, read_records, survey
from spark_jobs.storage.record import Run
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

    Raises:
        JobError: too many records of a file are rejected, or records are lost.
    """
    fit_shuffles(spark, max(file.lines for file in files.values()))
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
    run.count(f"{name}.in", step.rows)
    clean = Source(folder / name).read(spark)
    _count(run, raw, clean, Source(folder / f"rejected_{name}").read(spark), max_rejected_share)
    return clean


def _count(run: Run, raw: RawFile, clean: DataFrame, rejected: DataFrame, highest: float) -> None:
    """Count what was written against the records that were read, by kind and by reason."""
    name, (kind, values) = raw.name, KINDS[raw.name]
    kinds = Counter({row[kind]: row["count"] for row in clean.groupBy(kind).count().collect()})
    rows = rejected.groupBy("reason", kind).count().collect()
    reasons, bad_kinds = Counter[str](), Counter[str]()
    for row in rows:
        reasons[row["reason"]] += row["count"]
        bad_kinds[row[kind]] += row["count"]
    run.count(f"{name}.clean", kinds.total())
    run.count(f"{name}.rejected", reasons.total())
    for value in values:
        run.count(f"{name}.in.{value}", kinds[value] + bad_kinds[value])
        run.count(f"{name}.clean.{value}", kinds[value])
    for reason, count in sorted(reasons.items()):
        run.count(f"{name}.rejected.{reason}", count)
    read, found = run.counts[f"{name}.in"], run.counts[f"{name}.clean"] + run.counts[f"{name}.rejected"]
    if found != read:
        raise JobError(f"{raw.parts[0]}: {read:,} records, but {found:,} rows. Did the file change? Run again.")
    if name == "titles" and not run.counts["titles.in"]:
        raise JobError(f"{raw.parts[0]}: no records after the header, so there is nothing to show.")
    if run.counts[f"{name}.rejected"] > highest * read:
        raise JobError(_too_many(raw, run, rejected, reasons.most_common(1)[0], highest))


def _too_many(raw: RawFile, run: Run, rejected: DataFrame, most: tuple[str, int], highest: float) -> str:
    count, read = run.counts[f"{raw.name}.rejected"], run.counts[f"{raw.name}.in"]
    first = rejected.where(F.col("reason") == most[0]).orderBy("file", "line").limit(3).collect()
    places = ", ".join(f"{row['file']} line {row['line']} ({row['text'][:60]!r})" for row in first)
    return (
        f"{raw.parts[0].parent}: {count:,} of {read:,} records of {raw.name} are rejected ({count / read:.1%}), more"
        f" than --max-rejected-share {highest}. Most often: {most[0]} ({most[1]:,}), first in {places}. Mend these, or"
        " allow more."
    )
