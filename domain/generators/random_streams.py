"""Randomness of generated data: an independent generator for each purpose and user, whoever asks and in which order."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """The purpose of a random generator; two streams never share numbers."""

    TITLES = 1
    MOVIES = 2
    TASTES = 3
    USERS = 4
    RATINGS = 5
    TAGS = 6
    FAKES = 7
    DIRT = 8
    SERVERS = 9
    ATTACKS = 10
    MEDIA = 11
    SONGS = 12
    LISTENERS = 13
    EVENTS = 14


def generator(seed: int, stream: Stream, entity: int = 0) -> np.random.Generator:
    """The generator of one `entity` (a user id, or 0 for the whole): the same numbers at each call."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, (stream << 32) | entity], dtype=np.uint64)))
