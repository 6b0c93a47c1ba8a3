"""The accounting of rejected lines: each line that was read is a clean row or a rejected one, and few are rejected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from domain.cleaning.reasons import Reason
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run

EXCERPT = 60  # characters of a line that a message shows


@dataclass(frozen=True)
class Cleaning:
    """What was read of a file or a kind of files, and where its rows are.

    `place` is the folder that messages name; rows of `rejected` have reason, file, line and text. Lines rejected for a
    `harmless` reason do not count in the share of rejected ones, and blank ones are then no lines at all.
    """

    name: str
    place: Path
    read: int
    clean: Source
    rejected: Source
    unit: str = "lines"
    harmless: Collection[Reason] = ()


def account(spark: SparkSession, run: Run, cleaning: Cleaning, highest_share: float) -> None:
    """Count in the run what was read, what is clean and what was rejected, in all and for each reason.

    Raises:
        JobError: lines are lost, or more than `highest_share` (0 … 1) of them are rejected.
    """
    name = cleaning.name
    reasons = {reason: count for (reason,), count in sorted(cleaning.rejected.tally("reason").items())}
    run.count(f"{name}.in", cleaning.read)
    run.count(f"{name}.clean", cleaning.clean.count())
    run.count(f"{name}.rejected", sum(reasons.values()))
    for reason, count in reasons.items():
        run.count(f"{name}.rejected.{reason}", count)
    rows = run.counts[f"{name}.clean"] + run.counts[f"{name}.rejected"]
    if rows != cleaning.read:
        raise JobError(
            f"{cleaning.place}: {cleaning.read:,} {cleaning.unit} of {name}, but {rows:,} rows."
            " Did the files change during the run? Run again."
        )
    _check_share(spark, cleaning, reasons, highest_share)


def _check_share(spark: SparkSession, cleaning: Cleaning, reasons: Mapping[str, int], highest: float) -> None:
    blank = reasons.get(Reason.BLANK_LINE, 0) if Reason.BLANK_LINE in cleaning.harmless else 0
    lines = cleaning.read - blank
    faults = {reason: count for reason, count in reasons.items() if reason not in cleaning.harmless}
    rejected = sum(faults.values())
    if rejected <= highest * lines:
        return
    most = max(faults, key=lambda reason: faults[reason])
    of_reason = cleaning.rejected.read(spark).where(F.col("reason") == most)
    first = of_reason.orderBy("file", "line").limit(3).collect()
    places = ", ".join(f"{row['file']} line {row['line']} ({row['text'][:EXCERPT]!r})" for row in first)
    raise JobError(
        f"{cleaning.place}: {rejected:,} of {lines:,} {cleaning.unit} of {cleaning.name} are rejected"
        f" ({rejected / lines:.1%}), more than --max-rejected-share {highest}. Most often: {most} ({faults[most]:,}),"
        f" first in {places}. Mend these, or allow more."
    )
