"""Raw text files: found and checked before any work, then read line by line with their line numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from domain.cleaning.csv_records import csv_records
from domain.cleaning.layouts import Layout, NoLayout, layout_of
from domain.contract.files import plain_path
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.plain_files import plain_file

T = TypeVar("T")

RECORDS_PER_BATCH = 2000  # of a catalogue: about 1 MB
LONGEST_HEADER = 1 << 14
LOOKED_AT = 50  # lines, to see how they are written
_LINE_BITS = 40  # of a position; the bits above are the number of the part

Header = Callable[[Sequence[str]], Layout]  # the layout by the first lines; raises NoLayout


@dataclass(frozen=True)
class RawFile:
    """A raw file, such as `ratings`, in one part or several; with no part where it is not there and need not be."""

    name: str
    parts: tuple[Path, ...]  # plain text: UTF-8, lines that end in \n
    part_names: tuple[str, ...]  # as rejected rows name them
    lines: int  # without the headers
    size: int  # bytes
    sha256: str  # of all bytes as they came, part after part
    layout: Layout


def named_columns(columns: Mapping[str, Sequence[str]], optional: Sequence[str] = ()) -> Header:
    """The layout by a header that has these columns, each with the other names that it may have."""
    return lambda lines: layout_of(lines, columns, optional)


def absent(name: str, layout: Layout) -> RawFile:
    """A file that is not there, and has no lines."""
    return RawFile(name, (), (), lines=0, size=0, sha256="", layout=layout)


def survey(path: Path, name: str, header: Header, work: Path) -> RawFile:
    """Check the file, or the folder of its parts, and count and digest it; reads every byte once.

    Args:
        path: of the file, or of the folder with its parts.
        name: what the file is called in counts.
        header: makes the layout of the first lines.
        work: a folder of the run: what is packed or in another encoding is read from a plain copy in it.

    Raises:
        JobError: it is missing, unreadable, empty, no text, has another header, or is in an encoding that nobody knows.
    """
    parts = _parts(path)
    digest = hashlib.sha256()
    surveyed = [_survey_part(part, header, digest, work / f"{name}-{number}") for number, part in enumerate(parts)]
    layouts = {layout for _, _, layout in surveyed}
    if len(layouts) > 1:
        raise JobError(f"{path}: the parts have different headers. Give them the same columns in the same order.")
    (layout,) = layouts
    return RawFile(
        name=name,
        parts=tuple(plain for plain, _, _ in surveyed),
        part_names=tuple(str(part.relative_to(path.parent)) for part in parts),
        lines=sum(max(0, lines - layout.first + 1) for _, lines, _ in surveyed),
        size=sum(part.stat().st_size for part in parts),
        sha256=digest.hexdigest(),
        layout=layout,
    )


def _parts(path: Path) -> tuple[Path, ...]:
    if path.is_dir():
        parts = tuple(sorted(part for part in path.iterdir() if part.is_file() and part.name[0] not in "._"))
        if not parts:
            raise JobError(f"{path}: the folder has no files. Put the file's parts there, each with the header.")
        return parts
    if not path.exists():
        raise JobError(f"{path}: no such file.")
    return (path,)


def _survey_part(part: Path, header: Header, digest: hashlib._Hash, copy: Path) -> tuple[Path, int, Layout]:
    """The plain form of a part, its lines, header included, and its layout."""
    plain, lines = plain_file(part, copy, digest)
    return plain, lines, _layout(part, plain, header)


def _layout(part: Path, plain: Path, header: Header) -> Layout:
    with plain.open("rb") as stream:
        first = [_record(stream) for _ in range(LOOKED_AT)]
    if not first[0]:
        raise JobError(f"{part}: the file is empty.")
    lines = [line.decode("utf-8-sig", "replace").rstrip("\r\n") for line in first]
    try:
        return header([lines[0], *filter(None, lines[1:])])
    except NoLayout as error:
        raise JobError(f"{part}: {error}") from error


def _record(stream: IO[bytes]) -> bytes:
    """The next line, with those after it while a quote is open."""
    text = stream.readline(LONGEST_HEADER)
    while text.count(b'"') % 2 and len(text) < LONGEST_HEADER and (line := stream.readline(LONGEST_HEADER)):
        text += line
    return text


def read_lines(spark: SparkSession, raw: RawFile) -> DataFrame:
    """Lines after the header: `position`, which rises through the file and is unique, and `value`, its raw bytes.

    A line ends at "\\n" and nowhere else. `part_of` and `line_of` take a position apart. Positions follow from the
    splits of the file: make and act on the frame within `fixed_splits`.
    """
    if not raw.parts:
        return spark.createDataFrame([], "position long, value binary")
    text = spark.read.option("lineSep", "\n").text([spark_path(part) for part in raw.parts])
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
        line_of("position") >= raw.layout.first
    )


def read_records(spark: SparkSession, raw: RawFile) -> DataFrame:
    """Records of a file whose quoted fields may have line ends: `position` of the first line, and `value`, raw bytes.

    One task reads a part from its beginning, as only there is known which quote opens a field: give a large file in
    several parts. The header is left out; `part_of` and `line_of` take a position apart.
    """
    parts, layout = list(enumerate(map(str, raw.parts))), raw.layout

    def records(batches: Iterable[Any]) -> Iterator[Any]:
        for number, part in chain.from_iterable(batch.itertuples(index=False) for batch in batches):
            with Path(part).open("rb") as lines:
                every = csv_records(lines, layout.separator, layout.width) if layout.quoted else _numbered(lines)
                rows = (record for record in every if record[0] >= layout.first)
                for some in batched(rows, RECORDS_PER_BATCH):
                    numbers, values = zip(*some, strict=True)
                    yield pd.DataFrame({"position": (number << _LINE_BITS) + np.array(numbers), "value": values})

    # by range, each part a task: a hash would give some tasks several parts and others none
    files = spark.createDataFrame(parts, "part int, path string").repartitionByRange(len(parts), "part")
    return files.mapInPandas(records, "position long, value binary")


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, line.removesuffix(b"\n")) for number, line in enumerate(lines, start=1))


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
    names = F.array(*[F.lit(name) for name in raw.part_names]).cast("array<string>")
    return F.get(names, F.shiftright(position, _LINE_BITS).cast("int"))


def line_of(position: str) -> Column:
    """The line's number in its part; the header is line 1."""
    return F.col(position).bitwiseAND((1 << _LINE_BITS) - 1)
