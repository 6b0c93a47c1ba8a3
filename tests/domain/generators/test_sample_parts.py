"""The parts of the sample that are laws of their own."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cleaning.csv_fields import csv_fields
from domain.generators.dirt import KINDS, plan_dirt
from domain.generators.lines import csv_line
from domain.generators.movies import GENRES
from domain.generators.random_streams import Stream, generator
from domain.generators.tags import GENERAL, TAGS_OF_GENRE, make_tags
from domain.generators.users import MIN_RATINGS, spread_counts


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2))
def test_any_fields_survive_as_one_csv_line(fields: list[str]) -> None:
    line = csv_line(*fields)
    assert csv_fields(line) == fields
    assert next(csv.reader([line])) == fields


@pytest.mark.parametrize(
    ("users", "total", "most"), [(50, 1_000, 40), (50, 1_999, 40), (50, 2_000, 40), (3, 61, 1_000)]
)
def test_counts_add_up_between_their_bounds(users: int, total: int, most: int) -> None:
    counts = spread_counts(generator(1, Stream.USERS), users, total, most)
    assert counts.sum() == total
    assert counts.min() >= MIN_RATINGS
    assert counts.max() <= most


def test_streams_and_entities_have_numbers_of_their_own() -> None:
    drawn = {
        generator(seed, stream, entity).random()
        for seed in (1, 2)
        for stream in (Stream.RATINGS, Stream.TAGS)
        for entity in (1, 2)
    }
    assert len(drawn) == 8


def test_tags_are_those_of_the_movies_genres_or_general() -> None:
    western = np.array([genre == "Western" for genre in GENRES])
    tags = make_tags(generator(1, Stream.TAGS), np.tile(western, (300, 1)))
    folded = {tag.strip().casefold() for tag in tags}
    assert folded <= {tag.casefold() for tag in (*TAGS_OF_GENRE["Western"], *GENERAL)}
    assert folded & {tag.casefold() for tag in TAGS_OF_GENRE["Western"]}


@pytest.mark.parametrize("file", KINDS)
def test_a_plan_holds_each_kind_as_often_and_only_at_its_places(file: str) -> None:
    places = np.array([3, 5, 8])
    plan = plan_dirt(generator(1, Stream.DIRT), file, rows=10_000, share=0.01, places=places)
    planned = [bad for place in range(10) for bad in plan.at(place)]
    often = np.bincount(plan.kinds, minlength=len(KINDS[file]))
    assert len(planned) == 100
    assert set(plan.places.tolist()) <= {3, 5, 8}
    assert often.max() - often.min() <= 1
