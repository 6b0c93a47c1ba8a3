"""Names of segments: the strongest traits, in words, and no name twice."""

from __future__ import annotations

import numpy as np

from domain.statistics.segments import segment_names

GENRES = ["Drama", "Horror", "War"]


def test_a_name_has_the_strongest_traits_by_kind() -> None:
    centres = [[-0.2, 1.0, 0.8, 0.0, 0.1, 0.7], [-0.9, 0.0, 0.1, -0.6, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.3, 0.0]]
    assert segment_names(np.array(centres), GENRES) == [
        "more Horror and War, kinder to War than others",
        "less Drama, stricter with Drama than others",
        "kinder to Horror than others",
    ]


def test_weak_traits_are_named_only_to_tell_two_segments_apart() -> None:
    centres = np.array([[1.0, 0.2, 0, 0, 0, 0], [1.0, 0, 0.3, 0, 0, 0], [0, -1.0, 0, 0, 0, 0.2]])
    assert segment_names(centres, GENRES) == [
        "more Drama and Horror than others",
        "more Drama and War than others",
        "less Horror than others",
    ]


def test_names_of_random_centres_all_differ() -> None:
    centres = np.random.default_rng(3).normal(size=(20, 2 * len(GENRES))).round(1)
    assert len(set(segment_names(centres, GENRES))) == 20


def test_equal_centres_end_with_one_name() -> None:
    assert len(set(segment_names(np.ones((2, 6)), GENRES))) == 1
