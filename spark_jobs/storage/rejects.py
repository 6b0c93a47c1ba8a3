"""The accounting of rejected lines: each line that was read is a clean row or a rejected one, and few are rejected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.cleaning.excerpt import excerpt
from domain.cleaning.reasons import Reason
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import RawFile, line_of, part_of
from spark_jobs.storage.record import Run

PLACE = ("file", "line", "text", "field", "value")  # of a rejected line, in the order in which they are sorted


@dataclass(frozen=True)
class Cleaning:
    """What is read of a file or a kind of files, and the folders of its clean and its rejected rows.

    `place` is the folder that messages name. At most `highest_share` (0 … 1) of the lines may be rejected; those
    rejected for a `harmless` reason do not count, and blank ones are then no lines at all.
    """

    name: str
    place: Path
    read: int
    clean: Source
    rejected: Source
    highest_share: float
    unit: str = "lines"
    harmless: Collection[Reason] = ()


def separate(
    run: Run, rows: DataFrame, raw: RawFile, cleaning: Cleaning, columns: Sequence[str], also: Sequence[str] = ()
) -> None:
    """Write the `columns` of the rows without a reason, and of the others reason, place, field, value and text.

    All are accounted for. `rows` have `position`, `text`, `reason`, `field` and `value` beside the columns; rejected
    ones keep the columns `also`.

    Raises:
        JobError: see `account`.
    """
    place = (part_of("position", raw).alias("file"), line_of("position").alias("line"))
    judged = rows.persist(StorageLevel.DISK_ONLY)
    clean = judged.where(F.col("reason").isNull()).select(*columns)
    clean.write.parquet(str(cleaning.clean.path))
    rejected = judged.where(F.col("reason").isNotNull()).select("reason", *place, "field", "value", "text", *also)
    rejected.write.parquet(str(cleaning.rejected.path))
    judged.unpersist()
    account(run, cleaning)


def account(run: Run, cleaning: Cleaning) -> None:
    """Count in the run what was read, what is clean and what was rejected, in all and for each reason.

    Raises:
        JobError: lines are lost, or too many of them are rejected.
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
    _note_first(run, cleaning, reasons)
    _check_share(cleaning, reasons)


def _note_first(run: Run, cleaning: Cleaning, reasons: Mapping[str, int]) -> None:
    """Keep the first line of the commonest fault, if no file before had more faults."""
    faults = _faults(cleaning, reasons)
    known, found = run.facts.get("first_rejected"), sum(faults.values())
    if reasons and (known is None or found > known["faults"]):
        most = _commonest(faults or reasons)
        (line,) = _places(cleaning, most, 1)
        run.fact("first_rejected", {"of": cleaning.name, "faults": found, "line": f"{line} ({most})"})


def _faults(cleaning: Cleaning, reasons: Mapping[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in reasons.items() if reason not in cleaning.harmless}


def _commonest(reasons: Mapping[str, int]) -> str:
    return max(reasons, key=lambda reason: reasons[reason])


def _places(cleaning: Cleaning, reason: str, count: int) -> list[str]:
    """Where the first lines with the reason are, with the field at fault, its value, and the line around it.

    Rows of a table are in no line.
    """
    return [
        f"{file}{'' if line is None else f' line {line}'}"
        f"{f', {field} «{excerpt(value)}»' if field and value is not None else ''}"
        f" in '{excerpt(text, value)}'"
        for file, line, text, field, value in cleaning.rejected.first(count, PLACE, reason=reason)
    ]


def _check_share(cleaning: Cleaning, reasons: Mapping[str, int]) -> None:
    blank = reasons.get(Reason.BLANK_LINE, 0) if Reason.BLANK_LINE in cleaning.harmless else 0
    lines = cleaning.read - blank
    faults = _faults(cleaning, reasons)
    rejected = sum(faults.values())
    if rejected <= cleaning.highest_share * lines:
        return
    most = _commonest(faults)
    raise JobError(
        f"{cleaning.place}: {rejected:,} of {lines:,} {cleaning.unit} of {cleaning.name} are rejected"
        f" ({rejected / lines:.1%}), more than --max-rejected-share {cleaning.highest_share}. Most often: {most}"
        f" ({faults[most]:,}), first in {'; '.join(_places(cleaning, most, 3))}. Mend these, or allow more."
    )
