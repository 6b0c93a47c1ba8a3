"""The order in which less popular movies come sooner."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.serving.less_popular import less_popular_first

COUNTS = st.lists(st.integers(0, 9), max_size=100)
PER_CENT = st.integers(0, 100)


def by_the_formula(counts: list[int], per_cent: int) -> list[int]:
    """Exact, and as it is written on the page."""
    w = Fraction(per_cent, 100)
    by_ratings = sorted(range(len(counts)), key=lambda place: (counts[place], place))
    return sorted(range(len(counts)), key=lambda place: ((1 - w) * place + w * by_ratings.index(place), place))


@given(COUNTS, PER_CENT)
def test_the_order_is_that_of_the_formula(counts: list[int], per_cent: int) -> None:
    assert less_popular_first(counts, per_cent / 100) == by_the_formula(counts, per_cent)


@given(COUNTS)
def test_0_is_the_list_as_it_is_and_100_the_number_of_ratings_alone(counts: list[int]) -> None:
    assert less_popular_first(counts, 0.0) == list(range(len(counts)))
    assert less_popular_first(counts, 1.0) == sorted(range(len(counts)), key=counts.__getitem__)
