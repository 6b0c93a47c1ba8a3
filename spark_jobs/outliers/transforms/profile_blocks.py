"""The passes of domain/fakes/verdicts.py over the profiles of all users, by tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark import Broadcast
from pyspark.sql import DataFrame

from domain.fakes import verdicts
from domain.fakes.verdicts import Integers, Known, Mask, Profiles

Batches = Iterable[pa.RecordBatch]
# `Profiles` as the bytes of its arrays, which a pass takes as they are: 5 bytes a rating, no lists to convert
BLOCK = {"users": np.int64, "starts": np.int64, "movies": np.int32, "highest": np.bool_}


@dataclass(frozen=True)
class Names:
    """The ids of all users and of all movies, both rising."""

    users: Integers
    movies: Integers


def blocks(ratings: DataFrame, names: Broadcast[Names], parts: int, highest: float) -> DataFrame:
    """One row each of at most `parts`, of all ratings of some users: BLOCK, its movies by their position among all."""

    def packed(batches: Batches) -> Iterator[pa.RecordBatch]:
        if not (some := list(batches)):
            return
        rated = pa.Table.from_batches(some)
        users, movies, stars = (rated.column(name).to_numpy() for name in ("user_id", "movie_id", "rating"))
        profiles, ids = verdicts.profiles_of(users, movies, stars, highest)
        positions = np.searchsorted(names.value.movies, ids)[profiles.movies]
        values = (profiles.users, profiles.starts, positions, profiles.highest)
        arrays = [
            pa.array([value.astype(kind).tobytes()], pa.binary())
            for value, kind in zip(values, BLOCK.values(), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=list(BLOCK))

    of_users = ratings.select("user_id", "movie_id", "rating").repartition(parts, "user_id")
    return of_users.mapInArrow(packed, ", ".join(f"{name} binary" for name in BLOCK))


def profiles_in(batches: Batches, names: Names) -> Iterator[tuple[Profiles, Integers]]:
    """The profiles of each row of `blocks`, and the position of each of their users among all."""
    for batch in batches:
        for row in batch.to_pylist():
            profiles = Profiles(*(np.frombuffer(row[name], kind) for name, kind in BLOCK.items()))
            yield profiles, np.searchsorted(names.users, profiles.users)


def partial_tally(packed: DataFrame, names: Broadcast[Names], chosen: Broadcast[Mask]) -> DataFrame:
    """One row a partition of `blocks`: `counts`, the bytes of its `verdicts.tally` (int64)."""

    def summed(batches: Batches) -> Iterator[pa.RecordBatch]:
        counts = np.zeros((2, len(names.value.movies)), dtype=np.int64)
        for profiles, places in profiles_in(batches, names.value):
            counts += verdicts.tally(profiles, counts.shape[1], chosen.value[places])
        yield pa.RecordBatch.from_arrays([pa.array([counts.tobytes()], pa.binary())], names=["counts"])

    return packed.mapInArrow(summed, "counts binary")


def weighed(
    packed: DataFrame, names: Broadcast[Names], of_movies: Broadcast[tuple[Known, Known]], counted: Broadcast[Mask]
) -> DataFrame:
    """`place` of the user among all, `nats`, `pool`; see `verdicts.weigh`."""

    def judged(batches: Batches) -> Iterator[pa.RecordBatch]:
        for profiles, places in profiles_in(batches, names.value):
            evidence = verdicts.weigh(profiles, of_movies.value, counted.value[places])
            arrays = [pa.array(values) for values in (places, evidence.nats, evidence.pool)]
            yield pa.RecordBatch.from_arrays(arrays, names=["place", "nats", "pool"])

    return packed.mapInArrow(judged, "place long, nats double, pool double")


def praising(packed: DataFrame, names: Broadcast[Names], pushed: Broadcast[Integers]) -> DataFrame:
    """`place` of each user who praises one of the `pushed` movies, and `movie`, the position of the first of them."""

    def chosen(batches: Batches) -> Iterator[pa.RecordBatch]:
        for profiles, places in profiles_in(batches, names.value):
            movies = verdicts.praised(profiles, pushed.value)
            arrays = [pa.array(values[movies >= 0]) for values in (places, movies)]
            yield pa.RecordBatch.from_arrays(arrays, names=["place", "movie"])

    return packed.mapInArrow(chosen, "place long, movie long")
