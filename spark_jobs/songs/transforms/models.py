"""Which songs go together, by the sessions that have them; and plays as the ratings that implicit ALS learns from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from scipy.sparse import csr_array, vstack

from domain.models.co_occurrence import Occurrences, companions

MOST_IN_SESSION = 100  # different songs of a session that count, the first ones: pairs grow with the square
PIECE = "starts binary, songs binary"  # sessions × songs as compressed sparse rows: int64 and int32
LISTS = "track_id string, track_ids array<string>, lifts array<float>, sessions array<int>"

Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class Songs:
    """Ids (rising), in how many sessions each is, and the positions where blocks begin and the last one ends."""

    ids: list[str]
    occurrences: Occurrences
    bounds: list[int]


def packed_sessions(plays: DataFrame, numbers: DataFrame, parts: int) -> DataFrame:
    """One PIECE a partition: the different songs of its sessions, of each at most MOST_IN_SESSION.

    `numbers` as of `numbered`; songs are counted from 0.
    """
    songs = numbers.select("track_id", (F.col("item_id") - 1).alias("song"))
    rows = plays.join(F.broadcast(songs), on="track_id", how="inner").select("session_id", "item_in_session", "song")
    return rows.repartition(parts, "session_id").mapInArrow(_packed, PIECE)


def _packed(batches: Batches) -> Iterator[pa.RecordBatch]:
    if not (some := list(batches)):
        return
    plays = pa.Table.from_batches(some).to_pandas().sort_values(["session_id", "item_in_session", "song"])
    different = plays.drop_duplicates(["session_id", "song"])
    heard = different[different.groupby("session_id").cumcount() < MOST_IN_SESSION]
    lengths = heard.groupby("session_id").size().to_numpy()
    yield _piece(np.concatenate([[0], np.cumsum(lengths)]), heard["song"].to_numpy())


def counted_songs(packed: DataFrame, all_songs: int) -> DataFrame:
    """One row a partition of `packed_sessions`: `sessions`, and the bytes of how many have each song (int64)."""

    def counted(batches: Batches) -> Iterator[pa.RecordBatch]:
        sessions, of_songs = 0, np.zeros(all_songs, np.int64)
        for part in _unpacked(batches, all_songs):
            sessions += part.shape[0]
            of_songs += np.bincount(part.indices, minlength=all_songs)
        yield pa.RecordBatch.from_pydict({"sessions": [sessions], "of_songs": [of_songs.tobytes()]})

    return packed.mapInArrow(counted, "sessions long, of_songs binary")


def companion_lists(packed: DataFrame, songs: Broadcast[Songs], least: int, n: int) -> DataFrame:
    """The rows of similar_by_track: see `domain.models.co_occurrence.companions`.

    Each block of songs gets the sessions that one of them is in, so that no pair of songs is ever a row.
    """

    def cut(batches: Batches) -> Iterator[pa.RecordBatch]:
        for sessions in _unpacked(batches, len(songs.value.ids)):
            for block, (start, stop) in enumerate(pairwise(songs.value.bounds)):
                inside = sessions[np.flatnonzero(np.diff(sessions[:, start:stop].indptr))]
                if inside.nnz:
                    yield _piece(inside.indptr, inside.indices, block=block)

    def listed(pieces: pd.DataFrame) -> pd.DataFrame:
        block, ids = int(pieces["block"].iloc[0]), np.array(songs.value.ids, dtype=object)
        parts = [_sessions(*piece, len(ids)) for piece in zip(pieces["starts"], pieces["songs"], strict=True)]
        items = range(*songs.value.bounds[block : block + 2])
        rows = [
            (ids[one.item], ids[one.others], one.lifts.astype(np.float32), one.sessions.astype(np.int32))
            for one in companions(vstack(parts, format="csr"), items, songs.value.occurrences, least, n)
        ]
        return pd.DataFrame(rows, columns=["track_id", "track_ids", "lifts", "sessions"])

    return packed.mapInArrow(cut, f"block int, {PIECE}").groupBy("block").applyInPandas(listed, LISTS)


def _piece(starts: NDArray[np.integer], songs: NDArray[np.integer], **more: int) -> pa.RecordBatch:
    columns = {name: pa.array([value], pa.int32()) for name, value in more.items()}
    columns["starts"] = pa.array([starts.astype(np.int64).tobytes()], pa.binary())
    columns["songs"] = pa.array([songs.astype(np.int32).tobytes()], pa.binary())
    return pa.RecordBatch.from_pydict(columns)


def _sessions(starts: bytes, songs: bytes, all_songs: int) -> csr_array:
    indptr, indices = np.frombuffer(starts, np.int64), np.frombuffer(songs, np.int32)
    return csr_array((np.ones(len(indices), np.int32), indices, indptr), shape=(len(indptr) - 1, all_songs))


def _unpacked(batches: Batches, all_songs: int) -> Iterator[csr_array]:
    for batch in batches:
        for row in batch.to_pylist():
            yield _sessions(row["starts"], row["songs"], all_songs)


def numbered(tracks: DataFrame) -> DataFrame:
    """track_id and item_id: 1, 2, … in the order of the track ids, as ALS knows items by numbers."""
    order = Window.partitionBy(F.lit(0)).orderBy("track_id")  # one task: a million ids take some seconds
    return tracks.select("track_id", F.row_number().over(order).alias("item_id"))


def play_ratings(plays: DataFrame, numbers: DataFrame, nothing: float) -> DataFrame:
    """user_id, item_id, rating: the plays of a song by a listener, above the rating that says `nothing`."""
    counts = plays.groupBy("user_id", "track_id").agg(F.count("*").alias("plays"))
    rating = (F.col("plays") + F.lit(nothing)).cast("float").alias("rating")
    return counts.join(numbers, on="track_id", how="inner").select("user_id", "item_id", rating)


def named_lists(lists: DataFrame, numbers: DataFrame) -> DataFrame:
    """The rows of songs_by_listener from user_id, item_ids and scores."""
    entries = lists.select("user_id", F.posexplode(F.arrays_zip("item_ids", "scores")).alias("place", "entry"))
    flat = entries.select("user_id", "place", F.col("entry.item_ids").alias("item_id"), "entry.scores")
    named = flat.join(numbers, on="item_id", how="inner")
    ordered = F.sort_array(F.collect_list(F.struct("place", "track_id", "scores"))).alias("entries")
    grouped = named.groupBy("user_id").agg(ordered)
    return grouped.select(
        "user_id", F.col("entries.track_id").alias("track_ids"), F.col("entries.scores").alias("scores")
    )
