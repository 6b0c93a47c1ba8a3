"""One pass over a table: the counts of every column, and whether keys are unique.

Tasks read Parquet by Arrow themselves, a row group each, as columns and without going through the JVM: that, and
counting with NumPy, is why a scan takes a few times as long as Spark needs to read the rows, and not thirty times as
its own aggregates do. Any other frame comes to the same code through `mapInArrow`.

For each key, tasks send the 64-bit hashes of its values, each once, to the task that all equal ones go to. No hash that
comes twice: the key is unique, and that is exact. Else the surplus rows are counted, too many by a collision with a
probability of n² / 2⁶⁵ (3 in 100,000 for 34 million keys); the job then counts with Spark.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from domain.statistics.columns import ColumnPart, Kind, hashes, merged, part_of
from domain.statistics.distinct import each_once
from spark_jobs.frames.columns import column, mapped

BLOCK = 1 << 20  # rows that a task looks at together
BUCKETS = 16  # parts of the hashes of a key
SUMMARY = -1
MIXING = np.uint64(0x9E37_79B9_7F4A_7C15)  # odd, 2⁶⁴ divided by the golden ratio: spreads numbers over the buckets
Key = tuple[str, ...]
Message = tuple[int, bytes]  # bucket, pickled


@dataclass(frozen=True)
class Table:
    """A table to look at; `files` are its Parquet files where it is nothing else, so that tasks can read them."""

    name: str
    frame: DataFrame
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """The counts that are wanted: of which `columns`, for which `keys`, and the values that columns may refer to."""

    columns: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    parents: Mapping[str, pa.Array] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyCount:
    """Rows that have all of the key, and how many of them repeat another row's key."""

    rows: int
    surplus: int


@dataclass(frozen=True)
class Scanned:
    """The counts of a pass over a table."""

    rows: int
    columns: dict[str, ColumnPart]
    keys: dict[Key, KeyCount]


def parquet_files(folder: Path) -> tuple[str, ...]:
    """The files of a Parquet folder, or the file itself; none when folders in it hold values of a column."""
    if folder.is_file():
        return (str(folder),)
    if any(path.is_dir() and "=" in path.name for path in folder.iterdir()):
        return ()
    return tuple(sorted(str(path) for path in folder.glob("[!._]*") if path.is_file()))


def scan(spark: SparkSession, table: Table, wanted: Wanted) -> Scanned:
    """Read every row once and count."""
    context = spark.sparkContext
    sent = context.broadcast(wanted)
    if table.files:
        groups = [(file, at) for file in table.files for at in range(pq.ParquetFile(file).num_row_groups)]
        pieces = context.parallelize(groups, max(1, min(len(groups), 4 * context.defaultParallelism)))
        messages = pieces.mapPartitions(lambda some: _messages(_row_groups(some, sent.value.columns), sent.value))
    else:
        frame = table.frame.select(*map(column, wanted.columns))
        counted = mapped(frame, lambda batches: _as_batches(_blocks(batches), sent.value), "bucket int, load binary")
        messages = counted.rdd.map(lambda row: (row[0], bytes(row[1])))
    tasks = min(BUCKETS, context.defaultParallelism) if wanted.keys else 0
    by_bucket = messages.partitionBy(tasks + 1, lambda bucket: tasks if bucket == SUMMARY else bucket % tasks)
    return _scanned(by_bucket.mapPartitions(_collected).collect(), wanted)


def _row_groups(groups: Iterable[tuple[str, int]], columns: Sequence[str]) -> Iterator[pa.Table]:
    for file, at in groups:
        opened = pq.ParquetFile(file, coerce_int96_timestamp_unit="us")
        for batch in opened.iter_batches(BLOCK, row_groups=[at], columns=list(columns), use_threads=False):
            yield pa.Table.from_batches([batch])


def _blocks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Spark's batches have 10,000 rows, too few to be worth a look each."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= BLOCK // 8:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _as_batches(blocks: Iterator[pa.Table], wanted: Wanted) -> Iterator[pa.RecordBatch]:
    for bucket, load in _messages(blocks, wanted):
        yield pa.RecordBatch.from_pydict({"bucket": pa.array([bucket], pa.int32()), "load": pa.array([load])})


def _messages(blocks: Iterator[pa.Table], wanted: Wanted) -> Iterator[Message]:
    """The hashes of keys by bucket, and at the end the counts of all blocks."""
    parts: dict[str, list[ColumnPart]] = defaultdict(list)
    rows = 0
    for block in blocks:
        rows += block.num_rows
        for name in wanted.columns:
            column = block[name].combine_chunks()
            parts[name].append(part_of(column, wanted.parents.get(name)))
        for number, key in enumerate(wanted.keys):
            yield from _key_messages(number, block.select(list(key)).drop_null())
    if rows:
        yield SUMMARY, pickle.dumps((rows, {name: merged(part) for name, part in parts.items()}))


def _key_messages(number: int, rows: pa.Table) -> Iterator[Message]:
    different = each_once(_key_hashes(rows))
    edges = np.searchsorted(different >> np.uint64(60), np.arange(BUCKETS + 1, dtype=np.uint64))  # by the first 4 bits
    for bucket in range(BUCKETS):
        of_bucket = different[edges[bucket] : edges[bucket + 1]]
        seen = rows.num_rows if bucket == 0 else 0
        if len(of_bucket) or seen:
            yield bucket, pickle.dumps((number, seen, of_bucket))


def _key_hashes(rows: pa.Table) -> np.ndarray:
    columns = [column.combine_chunks() for column in rows.columns]
    if len(columns) == 2 and all(
        pa.types.is_int32(column.type) for column in columns
    ):  # both fit one number of 64 bits
        high, low = (column.to_numpy().view(np.uint32).astype(np.uint64) for column in columns)
        return (high << np.uint64(32) | low) * MIXING  # no two pairs have the same
    parts = iter([hashes(column) for column in columns])
    return np.asarray(pd.core.util.hashing.combine_hash_arrays(parts, len(columns)))


def _collected(messages: Iterable[Message]) -> Iterator[Any]:
    """The results of one task from all messages of its buckets: keys with their counts, or the counts of the table."""
    hashed: dict[int, list[np.ndarray]] = defaultdict(list)
    seen: dict[int, int] = defaultdict(int)
    summaries = []
    for bucket, load in messages:
        if bucket == SUMMARY:
            summaries.append(pickle.loads(load))
            continue
        number, rows, of_key = pickle.loads(load)
        seen[number] += rows
        hashed[number].append(of_key)
    for number, several in hashed.items():
        yield number, seen[number], len(each_once(np.concatenate(several)))
    if summaries:
        columns = {name: merged([summary[1][name] for summary in summaries]) for name in summaries[0][1]}
        yield SUMMARY, sum(rows for rows, _ in summaries), columns


def _scanned(results: list[Any], wanted: Wanted) -> Scanned:
    columns = {name: ColumnPart(Kind.OTHER) for name in wanted.columns}  # those of no rows at all
    rows = 0
    for summary in (result for result in results if result[0] == SUMMARY):
        rows, columns = summary[1:]
    keys = {}
    for number, key in enumerate(wanted.keys):
        of_key = [result for result in results if result[0] == number]
        with_key = sum(result[1] for result in of_key)
        keys[key] = KeyCount(with_key, with_key - sum(result[2] for result in of_key))
    return Scanned(rows, columns, keys)
