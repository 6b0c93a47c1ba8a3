"""The objects of song_data and log_data: every one becomes a clean row or a rejected one, in the folder of a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.cleaning.json_records import Record, json_records
from domain.cleaning.plain_text import plain_lines
from domain.cleaning.reasons import Reason
from spark_jobs.frames.csv_lines import FAULT
from spark_jobs.frames.partitions import fitted_shuffles
from spark_jobs.songs.files import SongFiles
from spark_jobs.songs.transforms.events import GOOD_LINE, LINES
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.raw_files import batched
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, account

PLACE = ("file", "line", "in_line")
REJECTED = ("reason", *PLACE, "field", "value", "text")
# by the clock or by other lines, so that another run may find otherwise
FOR_NOW = (Reason.TIME_OUT_OF_RANGE, Reason.DUPLICATE, Reason.CONFLICT)
NO_FAULT = (Reason.BLANK_LINE, Reason.DUPLICATE)  # do not count in the share of rejected lines
KEPT = "kept"
LINE = 400  # bytes of a short one
BATCH = 10_000  # lines, about 5 MB
TASKS_PER_CORE = 4


@dataclass(frozen=True)
class Rules:
    """What `clean_lines` asks of a kind of file: of each line alone, then which of several equal rows stays."""

    check: Callable[[DataFrame], DataFrame]
    first: Callable[[DataFrame], DataFrame]


@dataclass(frozen=True)
class Earlier:
    """What a run made of files that are not read again; lines that it rejected for now only are to be judged anew."""

    clean: DataFrame
    rejected: DataFrame
    lines: DataFrame
    count: int  # lines that `clean` and `rejected` stand for

    @classmethod
    def read(cls, spark: SparkSession, kind: str, folder: Path) -> Earlier:
        """What the run in `folder` made of a kind of file."""
        clean, rejected = (Source(folder / name).read(spark) for name in (kind, f"rejected_{kind}"))
        for_now = F.col("reason").isin(*map(str, FOR_NOW))
        again = rejected.where(for_now).select(*PLACE, "text", *[F.lit(True).alias(n) for n in GOOD_LINE])
        final = rejected.where(~for_now)
        return cls(clean, final, again, Source(folder / kind).count() + final.count())


def clean_lines(
    spark: SparkSession,
    run: Run,
    kind: str,
    files: SongFiles,
    before: Path | None,
    rules: Rules,
    folder: Path,
    max_rejected_share: float,
) -> None:
    """Write the clean rows of the files to `folder`/<kind> and the rejected ones to `folder`/rejected_<kind>.

    The rows of the run in the folder `before` are taken over: what is written and counted is the same as if the files
    of both were read. A line is read once, but for those of that run whose place an equal one takes; the texts stay
    out of the shuffle that finds duplicates.

    Raises:
        JobError: too many lines are rejected, or lines are lost.
    """
    staging = folder / f"checked_{kind}"
    earlier = Earlier.read(spark, kind, before) if before else None
    size = sum((files.folder / name).stat().st_size for name in files.digests)
    rows = size // LINE + (earlier.count if earlier else 0)
    with run.step(f"clean {kind}") as step, fitted_shuffles(spark, rows):
        read = read_lines(spark, files.folder, files.digests)
        rules.check(read.unionByName(earlier.lines) if earlier else read).write.parquet(str(staging / "lines"))
        lines = Source(staging / "lines").read(spark)
        good = lines.where("reason is null").drop("text", *FAULT)
        good = good.unionByName(earlier.clean) if earlier else good
        repeated = _keep_first(spark, rules.first(good), staging, folder / kind)
        bad = [lines.where("reason is not null").select(*REJECTED)]
        if earlier:
            bad.append(earlier.rejected.select(*REJECTED))
        if repeated is not None:
            bad += _with_texts(spark, repeated, lines, files.folder, bool(earlier))
        reduce(DataFrame.unionByName, bad).write.parquet(str(folder / f"rejected_{kind}"))
        step.rows = Source(staging / "lines").count()
    shutil.rmtree(staging)
    read_in_all = step.rows + (earlier.count if earlier else 0)
    clean, bad_lines = Source(folder / kind), Source(folder / f"rejected_{kind}")
    cleaning = Cleaning(kind, files.folder / kind, read_in_all, clean, bad_lines, max_rejected_share, harmless=NO_FAULT)
    account(run, cleaning)


def _keep_first(spark: SparkSession, rows: DataFrame, staging: Path, clean: Path) -> DataFrame | None:
    """Write the rows without a reason to `clean`, in one pass; others without their texts, None if all stay."""
    place, kept = staging / "by", staging / "by" / f"outcome={KEPT}"
    outcome = F.coalesce("reason", F.lit(KEPT)).alias("outcome")
    rows.select("*", outcome).drop("reason").write.partitionBy("outcome").parquet(str(place))
    if kept.is_dir():
        kept.rename(clean)
    else:
        rows.drop("reason").where("false").write.parquet(str(clean))
    if not any(place.glob("outcome=*")):
        return None
    nothing = [F.lit(None).cast("string").alias(name) for name in FAULT[1:]]
    return Source(place).read(spark).select(F.col("outcome").alias("reason"), *PLACE, *nothing)


def _with_texts(
    spark: SparkSession, repeated: DataFrame, lines: DataFrame, root: Path, has_earlier: bool
) -> list[DataFrame]:
    """The `repeated` rows as rejected ones. Rows of an earlier run are without texts, so these files are read again."""
    place = list(PLACE)
    found = lines.select(*place, "text").join(repeated, on=place, how="inner").select(*REJECTED)
    if not has_earlier:
        return [found]
    others = repeated.join(lines.select(*place), on=place, how="left_anti")
    names = [row["file"] for row in others.select("file").distinct().collect()]
    if not names:
        return [found]
    again = read_lines(spark, root, names).select(*place, "text").join(others, on=place, how="inner")
    return [found, again.select(*REJECTED)]


def read_lines(spark: SparkSession, folder: Path, names: Iterable[str]) -> DataFrame:
    """Every object of the files of these names (paths in the folder), in the form of LINES.

    A file is read by one task, a batch of objects at a time, so memory does not grow with it.
    """
    root, names = str(folder), sorted(names)

    def lines(batches: Iterable[Any]) -> Iterator[Any]:
        of_task = chain.from_iterable(batch["file"] for batch in batches)
        # a batch has lines of many files, since a song has one of its own
        return map(_frame, batched(_numbered(Path(root), of_task), BATCH))

    tasks = min(len(names), TASKS_PER_CORE * spark.sparkContext.defaultParallelism)
    paths = spark.createDataFrame([(name,) for name in names], "file string").repartition(max(1, tasks))
    return paths.mapInPandas(lines, LINES)


def _numbered(root: Path, names: Iterable[str]) -> Iterator[tuple[str, Record]]:
    for name in names:
        yield from ((name, record) for record in json_records(plain_lines(root / name)))


def _frame(records: list[tuple[str, Record]]) -> pd.DataFrame:
    texts, valid = [], []
    for _, record in records:
        try:
            texts.append(record.text.decode("utf-8-sig"))
            valid.append(True)
        except UnicodeDecodeError:
            texts.append(record.text.decode("utf-8", "replace"))
            valid.append(False)
    names = [name for name, _ in records]
    lines, in_lines, _, whole = zip(*(record for _, record in records), strict=True)
    return pd.DataFrame(
        {"file": names, "line": lines, "in_line": in_lines, "text": texts, "is_utf8": valid, "is_one": whole}
    )
