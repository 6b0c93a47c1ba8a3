"""Generators of random numbers."""

from __future__ import annotations

from domain.generators.random_streams import Stream, generator


def test_streams_and_entities_have_numbers_of_their_own() -> None:
    drawn = {
        generator(seed, stream, entity).random()
        for seed in (1, 2)
        for stream in (Stream.RATINGS, Stream.TAGS)
        for entity in (1, 2)
    }
    assert len(drawn) == 8
