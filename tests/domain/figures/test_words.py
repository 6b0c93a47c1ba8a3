"""Columns and features in words."""

from __future__ import annotations

import pytest

from domain.figures.plots import distinct_names, slug
from domain.figures.words import COLUMNS, feature_in_words, place_in_words, reason_in_words, words_of
from domain.generators.servers import HEADER


def test_a_column_is_named_for_people_and_an_unknown_one_by_its_own_name() -> None:
    assert place_in_words("ratings", "rated_at") == "Ratings: time of the rating"
    assert place_in_words("titles_by_score") == "Titles by score"
    assert words_of("mean_rating").title == "Mean rating (stars)"
    assert words_of("cpu_load").title == "Cpu load"
    assert words_of("_").title == "_"
    assert feature_in_words("hour") == "Hour of the day (UTC)"


def test_what_the_servers_of_the_sample_measure_has_words() -> None:
    assert set(HEADER.split(",")) <= COLUMNS.keys()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("rating_count 2 (median 70)", "number of ratings 2 (median 70)"),
        ("unusual: mean_rating 1.2 (-5 sd)", "unusual: mean rating 1.2 (-5 sd)"),
        ("20 movies look drawn from a list", "20 movies look drawn from a list"),
        ("x1 3 (+4 sd)", "x1 3 (+4 sd)"),
        ("title", "title"),
        ("", ""),
    ],
)
def test_a_reason_begins_with_its_feature_in_words(reason: str, said: str) -> None:
    assert reason_in_words(reason) == said


def test_names_of_figures_are_parts_of_addresses_and_differ() -> None:
    assert slug("Ratings by month (UTC) & more/../") == "ratings-by-month-utc-more"
    assert slug("«»") == "figure"
    assert distinct_names(["a", "b", "a", "a"]) == ["a", "b", "a-2", "a-3"]
