"""Numbers of ratings of the generated users."""

from __future__ import annotations

import pytest

from domain.generators.random_streams import Stream, generator
from domain.generators.users import MIN_RATINGS, spread_counts


@pytest.mark.parametrize(
    ("users", "total", "most"), [(50, 1_000, 40), (50, 1_999, 40), (50, 2_000, 40), (3, 61, 1_000)]
)
def test_counts_add_up_between_their_bounds(users: int, total: int, most: int) -> None:
    counts = spread_counts(generator(1, Stream.USERS), users, total, most)
    assert counts.sum() == total
    assert counts.min() >= MIN_RATINGS
    assert counts.max() <= most
