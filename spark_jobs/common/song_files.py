"""song_data/**/*.json and log_data/**/*.json: every line becomes a clean row or a rejected one, in a run's folder."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.reasons import Reason
from spark_jobs.common.errors import JobError
from spark_jobs.common.io import Source
from spark_jobs.common.raw_files import batched
from spark_jobs.common.runs import Run
from spark_jobs.common.shuffles import fit_shuffles

KINDS = ("song_data", "log_data")
REJECTED = ("reason", "file", "line", "text")
LINE = 400  # bytes of a short one
BATCH = 10_000  # lines, about 5 MB
TASKS_PER_CORE = 4


@dataclass(frozen=True)
class SongFiles:
    """The files of one kind below `folder`, by their paths in it, with a SHA-256 of the content of each."""

    folder: Path
    digests: dict[str, str]
    hidden: int  # files that begin with a dot, or lie in a folder that does: an editor's, not the service's


def survey_songs(folder: Path) -> dict[str, SongFiles]:
    """The files of both kinds.

    Raises:
        JobError: there is no song_data or log_data, or no JSON file in it, or one cannot be read.
    """
    return {kind: _survey(folder, kind) for kind in KINDS}


def _survey(folder: Path, kind: str) -> SongFiles:
    if not (folder / kind).is_dir():
        raise JobError(
            f"{folder / kind}: no such folder. Name one with song_data and log_data by --songs or SONGS_DIR."
        )
    found = sorted(path for path in (folder / kind).rglob("*.json") if path.is_file())
    seen = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not seen:
        raise JobError(f"{folder / kind}: no file that ends in .json, in no folder below. Is it the right folder?")
    with ThreadPoolExecutor() as pool:
        digests = pool.map(_digest, seen)
        return SongFiles(
            folder,
            {str(path.relative_to(folder)): sha for path, sha in zip(seen, digests, strict=True)},
            len(found) - len(seen),
        )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise JobError(f"{path}: cannot be read ({error.strerror}).") from error


def songs_id(name: str, files: dict[str, SongFiles]) -> str:
    """Such as sparkify-3f2a91c4: the same content has the same id, whatever its files are called."""
    content = json.dumps({kind: sorted(set(of_kind.digests.values())) for kind, of_kind in sorted(files.items())})
    return f"{re.sub(r'[^A-Za-z0-9.-]+', '-', name)}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Rules:
    """What `clean_lines` asks of a kind of file: of each line alone, then which of several equal rows stays."""

    check: Callable[[DataFrame], DataFrame]
    first: Callable[[DataFrame], DataFrame]


def clean_lines(
    spark: SparkSession,
    run: Run,
    kind: str,
    files: SongFiles,
    rules: Rules,
    folder: Path,
    max_rejected_share: float,
) -> None:
    """Write the clean rows of the files to `folder`/<kind> and the rejected ones to `folder`/rejected_<kind>.

    The lines are read once; their texts stay out of the shuffle that finds duplicates.

    Raises:
        JobError: too many lines are rejected, or lines are lost. Duplicates do not count: the first of them is kept.
    """
    staging = folder / f"checked_{kind}"
    with run.step(f"clean {kind}") as step:
        size = sum((files.folder / name).stat().st_size for name in files.digests)
        fit_shuffles(spark, size // LINE)
        rules.check(read_lines(spark, files)).write.parquet(str(staging / "lines"))
        lines = Source(staging / "lines").read(spark)
        repeated = _keep_first(spark, rules.first(lines.where("reason is null").drop("text")), staging, folder / kind)
        bad = [lines.where("reason is not null").select(*REJECTED)]
        if repeated is not None:
            again = lines.join(repeated, on=["file", "line"], how="left_semi")
            bad.append(again.withColumn("reason", F.lit(str(Reason.DUPLICATE))).select(*REJECTED))
        reduce(DataFrame.unionByName, bad).write.parquet(str(folder / f"rejected_{kind}"))
        step.rows = lines.count()
    shutil.rmtree(staging)
    _count(spark, run, kind, step.rows, folder, max_rejected_share)


def _keep_first(spark: SparkSession, rows: DataFrame, staging: Path, clean: Path) -> DataFrame | None:
    """Write the rows without a reason to `clean`, in one pass; file and line of the others, None without any."""
    rows.withColumn("kept", F.col("reason").isNull()).drop("reason").write.partitionBy("kept").parquet(
        str(staging / "by")
    )
    kept, others = (staging / "by" / f"kept={value}" for value in ("true", "false"))
    if kept.is_dir():
        kept.rename(clean)
    else:
        rows.drop("reason").where("false").write.parquet(str(clean))
    return Source(others).read(spark).select("file", "line") if others.is_dir() else None


def unread(files: SongFiles, before: Mapping[str, str]) -> SongFiles | None:
    """The files that are not among those read `before` (path → SHA-256); None when one of these changed or is gone."""
    if any(files.digests.get(name) != sha for name, sha in before.items()):
        return None
    return replace(files, digests={name: sha for name, sha in files.digests.items() if name not in before})


def add_earlier(
    spark: SparkSession, kind: str, first: Callable[[DataFrame], DataFrame], fresh: Path, before: Path, folder: Path
) -> None:
    """Write to `folder` the rows that a run read `before` and the `fresh` ones; what both have is there once."""
    parts = [Source(each / kind).read(spark) for each in (fresh, before) if (each / kind).is_dir()]
    rows = reduce(DataFrame.unionByName, parts)
    fit_shuffles(spark, rows.count())
    first(rows).where(F.col("reason").isNull()).drop("reason").write.parquet(str(folder / kind))
    name = f"rejected_{kind}"
    rejected = [Source(each / name).read(spark) for each in (fresh, before) if (each / name).is_dir()]
    reduce(DataFrame.unionByName, rejected).write.parquet(str(folder / name))


def read_lines(spark: SparkSession, files: SongFiles) -> DataFrame:
    """Every line of the files: `file` (its path in the folder), `line` (1, 2, …), `text`, `is_utf8`.

    A file is read by one task, a batch of lines at a time, so memory does not grow with it.
    """
    root = str(files.folder)

    def lines(batches: Iterable[Any]) -> Iterator[Any]:
        names = chain.from_iterable(batch["file"] for batch in batches)
        # a batch has lines of many files, since a song has one of its own
        return map(_frame, batched(_numbered(Path(root), names), BATCH))

    names = sorted(files.digests)
    tasks = min(len(names), TASKS_PER_CORE * spark.sparkContext.defaultParallelism)
    paths = spark.createDataFrame([(name,) for name in names], "file string").repartition(max(1, tasks))
    return paths.mapInPandas(lines, "file string, line long, text string, is_utf8 boolean")


def _numbered(root: Path, names: Iterable[str]) -> Iterator[tuple[str, int, bytes]]:
    for name in names:
        with (root / name).open("rb") as file:
            yield from ((name, number, line) for number, line in enumerate(file, 1))


def _frame(lines: list[tuple[str, int, bytes]]) -> pd.DataFrame:
    texts, valid = [], []
    for _, _, raw in lines:
        ended = raw.rstrip(b"\r\n")
        try:
            texts.append(ended.decode("utf-8-sig"))
            valid.append(True)
        except UnicodeDecodeError:
            texts.append(ended.decode("utf-8", "replace"))
            valid.append(False)
    files, numbers = [name for name, _, _ in lines], [number for _, number, _ in lines]
    return pd.DataFrame({"file": files, "line": numbers, "text": texts, "is_utf8": valid})


def _count(spark: SparkSession, run: Run, kind: str, read: int, folder: Path, highest: float) -> None:
    rejected = Source(folder / f"rejected_{kind}").read(spark)
    reasons = {row["reason"]: row["count"] for row in rejected.groupBy("reason").count().collect()}
    clean = Source(folder / kind).read(spark).count()
    run.count(f"{kind}.in", read)
    run.count(f"{kind}.clean", clean)
    run.count(f"{kind}.rejected", sum(reasons.values()))
    for reason, count in sorted(reasons.items()):
        run.count(f"{kind}.rejected.{reason}", count)
    if clean + sum(reasons.values()) != read:
        raise JobError(f"{kind}: {read:,} lines, but {clean + sum(reasons.values()):,} rows. Run again.")
    bad = {reason: count for reason, count in reasons.items() if reason != Reason.DUPLICATE}
    if sum(bad.values()) > highest * read:
        most = max(bad, key=lambda reason: bad[reason])
        first = rejected.where(F.col("reason") == most).orderBy("file", "line").limit(3).collect()
        places = ", ".join(f"{row['file']} line {row['line']} ({row['text'][:60]!r})" for row in first)
        raise JobError(
            f"{kind}: {sum(bad.values()):,} of {read:,} lines are rejected, more than --max-rejected-share {highest}."
            f" Most often: {most} ({bad[most]:,}), first in {places}. Mend these, or allow more."
        )
