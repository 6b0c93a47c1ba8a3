"""Which songs go together: sessions stay packed on the executors, counts by song come back, lists follow by blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from domain.models.co_occurrence import Occurrences
from spark_jobs.songs.transforms.models import Songs, companion_lists, counted_songs, numbered, packed_sessions

PLAYS_A_TASK = 500_000  # which are at most 50 million pairs of songs


def co_played(spark: SparkSession, plays: DataFrame, least: int, n: int) -> DataFrame:
    """The rows of similar_by_track: for each song the `n` with the highest lift of at least `least` common sessions.

    Only songs that have such a list are there.
    """
    numbers = numbered(plays.select("track_id").distinct()).cache()
    ids = [row.track_id for row in numbers.orderBy("item_id").collect()]
    packed = packed_sessions(plays, numbers, 1 + plays.count() // PLAYS_A_TASK).persist(StorageLevel.MEMORY_AND_DISK)
    parts = counted_songs(packed, len(ids)).collect()
    of_songs = np.sum([np.frombuffer(part.of_songs, np.int64) for part in parts], axis=0)
    occurrences = Occurrences(sum(part.sessions for part in parts), of_songs)
    songs = Songs(ids, occurrences, _bounds(of_songs))
    return companion_lists(packed, spark.sparkContext.broadcast(songs), least, n)


def _bounds(of_songs: NDArray[np.int64]) -> list[int]:
    """Where blocks of songs begin, and the last one ends: each is in about PLAYS_A_TASK sessions."""
    heard = np.cumsum(of_songs)
    cuts = np.searchsorted(heard, np.arange(PLAYS_A_TASK, heard[-1], PLAYS_A_TASK))
    return [int(bound) for bound in np.unique([0, *cuts, len(of_songs)])]
