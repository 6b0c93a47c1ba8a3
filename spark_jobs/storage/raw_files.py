"""The four raw CSV files: found and checked before any work, then read line by line with their line numbers."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from domain.cleaning.csv_records import csv_records
from domain.contract.files import plain_path
from domain.contract.movielens import HEADERS
from spark_jobs.storage.errors import JobError

T = TypeVar("T")

CHUNK_BYTES = 1 << 22
RECORDS_PER_BATCH = 2000  # of a catalogue: about 1 MB
LONGEST_HEADER = 1 << 10
STRAY_LINES = 10  # so many undecodable lines, and not one accent that is right, are no accident
_LINE_BITS = 40  # of a position; the bits above are the number of the part


@dataclass(frozen=True)
class RawFile:
    """One of the four files, `ratings` for example, in one part or several, each with the header."""

    name: str
    parts: tuple[Path, ...]
    part_names: tuple[str, ...]  # as rejected rows name them
    lines: int  # without the headers
    size: int  # bytes
    sha256: str  # of all bytes, part after part


@dataclass
class _Encoding:
    """What is known of a part's encoding: lines beyond ASCII that are UTF-8, lines that are not, the first of these."""

    right: int = 0
    wrong: int = 0
    first_wrong: int = 0


def survey(
    folder: Path,
    name: str,
    headers: Mapping[str, str] = HEADERS,
    flag: str = "the four MovieLens files with preprocess_movielens --movielens",
) -> RawFile:
    """Find and check `name`.csv in `folder`, and count and digest it; reads every byte once.

    Args:
        folder: of the file, or of the folder `name`.csv with its parts.
        name: a key of `headers`.
        headers: what the first line of each file must be.
        flag: which files are in the folder, and how the user names it: for the message when there are none.

    Raises:
        JobError: it is missing, unreadable or empty, has another header, or is in another encoding than UTF-8.
    """
    parts = _parts(folder / f"{name}.csv", flag)
    digest = hashlib.sha256()
    lines = [_survey_part(part, headers[name], digest) for part in parts]
    return RawFile(
        name=name,
        parts=parts,
        part_names=tuple(str(part.relative_to(folder)) for part in parts),
        lines=sum(lines) - len(parts),
        size=sum(part.stat().st_size for part in parts),
        sha256=digest.hexdigest(),
    )


def _parts(path: Path, flag: str) -> tuple[Path, ...]:
    if path.is_dir():
        parts = tuple(sorted(part for part in path.iterdir() if part.is_file() and part.name[0] not in "._"))
        if not parts:
            raise JobError(f"{path}: the folder has no files. Put the file's parts there, each with the header.")
        return parts
    if not path.exists():
        raise JobError(f"{path}: no such file. Name the folder of {flag}.")
    return (path,)


def _survey_part(part: Path, header: str, digest: hashlib._Hash) -> int:
    lines, encoding = 0, _Encoding()
    try:
        with part.open("rb") as stream:
            _check_header(part, stream.readline(LONGEST_HEADER), header)
            stream.seek(0)
            while chunk := stream.read(CHUNK_BYTES):
                chunk += stream.readline()
                digest.update(chunk)
                if not chunk.isascii():
                    _look_at_encoding(chunk, encoding, lines)
                lines += chunk.count(b"\n") + (not chunk.endswith(b"\n"))
    except OSError as error:
        raise JobError(f"{part}: cannot be read: {error.strerror}. Check its rights and the disk.") from error
    if encoding.wrong >= STRAY_LINES and not encoding.right:
        raise JobError(
            f"{part}: not UTF-8, but Latin-1 or the like: the first undecodable byte is in line"
            f" {encoding.first_wrong}. Convert it: iconv -f LATIN1 -t UTF-8."
        )
    return lines


def _check_header(part: Path, first_line: bytes, expected: str) -> None:
    if not first_line:
        raise JobError(f"{part}: the file is empty. Its first line must be «{expected}».")
    found = first_line.removeprefix(BOM_UTF8).removesuffix(b"\n").removesuffix(b"\r")
    if found != expected.encode():
        shown = found[:200].decode("utf-8", "replace")
        raise JobError(f"{part}: the first line is {shown!r}, but must be «{expected}».")


def _look_at_encoding(chunk: bytes, encoding: _Encoding, lines_before: int) -> None:
    for number, line in enumerate(chunk.split(b"\n"), start=lines_before + 1):
        if line.isascii() or line.startswith(BOM_UTF8):
            continue
        try:
            line.decode("utf-8")
            encoding.right += 1
        except UnicodeDecodeError:
            encoding.wrong += 1
            encoding.first_wrong = encoding.first_wrong or number


def read_lines(spark: SparkSession, raw: RawFile, first: int = 2) -> DataFrame:
    """Lines from number `first` on: `position`, which rises through the file and is unique, and `value`, its raw bytes.

    A line ends at "\\n" and nowhere else. `part_of` and `line_of` take a position apart. Positions follow from the
    splits of the file: make and act on the frame within `fixed_splits`.
    """
    text = spark.read.option("lineSep", "\n").text([_without_wildcards(part) for part in raw.parts])
    records = text.select(
        F.col("value").cast("binary"),
        F.col("_metadata.file_path").alias("path"),
        F.col("_metadata.file_block_start").alias("start"),
        F.monotonically_increasing_id().alias("record"),
    )
    blocks = records.groupBy("path", "start").agg(F.min("record").alias("first"), F.count("*").alias("lines")).collect()
    shifts = spark.createDataFrame(_shifts(raw, blocks), "path string, start long, shift long")
    placed = records.join(F.broadcast(shifts), on=["path", "start"], how="inner")
    return placed.select((F.col("record") + F.col("shift")).alias("position"), "value").where(
        line_of("position") >= first
    )


def read_records(spark: SparkSession, raw: RawFile) -> DataFrame:
    """Records of a file whose quoted fields may have line ends: `position` of the first line, and `value`, raw bytes.

    One task reads a part from its beginning, as only there is known which quote opens a field: give a large file in
    several parts. The header is left out; `part_of` and `line_of` take a position apart.
    """
    parts = list(enumerate(map(str, raw.parts)))

    def records(batches: Iterable[Any]) -> Iterator[Any]:
        for number, part in chain.from_iterable(batch.itertuples(index=False) for batch in batches):
            with Path(part).open("rb") as lines:
                for some in batched(islice(csv_records(lines), 1, None), RECORDS_PER_BATCH):
                    numbers, values = zip(*some, strict=True)
                    yield pd.DataFrame({"position": (number << _LINE_BITS) + np.array(numbers), "value": values})

    # by range, each part a task: a hash would give some tasks several parts and others none
    files = spark.createDataFrame(parts, "part int, path string").repartitionByRange(len(parts), "part")
    return files.mapInPandas(records, "position long, value binary")


def batched(values: Iterator[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` values, the last one shorter."""
    while some := list(islice(values, size)):
        yield some


def _shifts(raw: RawFile, blocks: list[Row]) -> list[tuple[str, int, int]]:
    """What to add to the record number of a block's line, to have its position."""
    parts = list(map(plain_path, raw.parts))
    shifts, lines_before = [], dict.fromkeys(parts, 0)
    for block in sorted(blocks, key=lambda block: (block["path"], block["start"])):
        part = Path(unquote(urlparse(block["path"]).path))
        first_position = (parts.index(part) << _LINE_BITS) + lines_before[part] + 1
        shifts.append((block["path"], block["start"], first_position - block["first"]))
        lines_before[part] += block["lines"]
    return shifts


def part_of(position: str, raw: RawFile) -> Column:
    """The name of the part in which the line is, such as ratings.csv or ratings.csv/part-00001."""
    names = F.array(*[F.lit(name) for name in raw.part_names])
    return F.get(names, F.shiftright(position, _LINE_BITS).cast("int"))


def line_of(position: str) -> Column:
    """The line's number in its part; the header is line 1."""
    return F.col(position).bitwiseAND((1 << _LINE_BITS) - 1)


def _without_wildcards(path: Path) -> str:
    """Spark takes a path for a pattern: `[`, `{`, `*` and `?` must be escaped."""
    return "".join("\\" + character if character in "\\[]{}*?" else character for character in str(plain_path(path)))
