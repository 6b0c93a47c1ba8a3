"""The passes of domain/fake_profiles.py over the histories of all users, by tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark import Broadcast
from pyspark.sql import DataFrame

from domain import fake_profiles
from domain.fake_profiles import HIGHEST, Integers, Known, Mask, Profiles

Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class Names:
    """The ids of all users and of all movies, both rising."""

    users: Integers
    movies: Integers


def profiles_in(batch: pa.RecordBatch, names: Names) -> tuple[Profiles, Integers]:
    """The profiles of rows of user_id, rated_ids and ratings, and the position of each user among all."""
    users = batch.column("user_id").to_numpy(zero_copy_only=False).astype(np.int64)
    lists = batch.column("rated_ids")
    starts = np.concatenate([[0], np.cumsum(lists.value_lengths().to_numpy(zero_copy_only=False))]).astype(np.int64)
    movies = np.searchsorted(names.movies, lists.flatten().to_numpy(zero_copy_only=False))
    highest = batch.column("ratings").flatten().to_numpy(zero_copy_only=False) >= HIGHEST
    return Profiles(users, starts, movies, highest), np.searchsorted(names.users, users)


def partial_tally(histories: DataFrame, names: Broadcast[Names], chosen: Broadcast[Mask]) -> DataFrame:
    """One row a partition: `counts`, the bytes of its `fake_profiles.tally` (int64)."""

    def summed(batches: Batches) -> Iterator[pa.RecordBatch]:
        counts = np.zeros((2, len(names.value.movies)), dtype=np.int64)
        for batch in batches:
            profiles, places = profiles_in(batch, names.value)
            counts += fake_profiles.tally(profiles, counts.shape[1], chosen.value[places])
        yield pa.RecordBatch.from_arrays([pa.array([counts.tobytes()], pa.binary())], names=["counts"])

    return histories.mapInArrow(summed, "counts binary")


def weighed(
    histories: DataFrame, names: Broadcast[Names], of_movies: Broadcast[tuple[Known, Known]], counted: Broadcast[Mask]
) -> DataFrame:
    """`place` of the user among all, `nats`, `pool`; see `fake_profiles.weigh`."""

    def judged(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            profiles, places = profiles_in(batch, names.value)
            found = fake_profiles.weigh(profiles, of_movies.value, counted.value[places])
            arrays = [pa.array(values) for values in (places, found.nats, found.pool)]
            yield pa.RecordBatch.from_arrays(arrays, names=["place", "nats", "pool"])

    return histories.mapInArrow(judged, "place long, nats double, pool double")


def praising(histories: DataFrame, names: Broadcast[Names], pushed: Broadcast[Integers]) -> DataFrame:
    """`place` of each user who praises one of the `pushed` movies, and `movie`, the position of the first of them."""

    def chosen(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            profiles, places = profiles_in(batch, names.value)
            movies = fake_profiles.praised(profiles, pushed.value)
            arrays = [pa.array(values[movies >= 0]) for values in (places, movies)]
            yield pa.RecordBatch.from_arrays(arrays, names=["place", "movie"])

    return histories.mapInArrow(chosen, "place long, movie long")
