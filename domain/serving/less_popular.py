"""A list put in another order, in which movies that few have rated come sooner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CONSIDERED = 100  # movies of a list that are put in order, those that come first on it


def less_popular_first(rating_counts: Sequence[int], weight: float) -> list[int]:
    """Places on the list (from 0) in their new order, by (1 - weight) · place on it + weight · place by ratings.

    The place by ratings counts from the movie with the fewest. What is equal stays in the order of the list.

    Args:
        rating_counts: of each movie, in the order of the list.
        weight: 0 leaves the list as it is, 1 orders by the number of ratings alone.
    """
    on_list = np.arange(len(rating_counts))
    by_ratings = np.empty(len(rating_counts))
    by_ratings[np.argsort(np.asarray(rating_counts), kind="stable")] = on_list
    # rounded: sums that are equal may differ in their last bits, and would stand in an order that no formula tells
    sums = np.round((1.0 - weight) * on_list + weight * by_ratings, 9)
    return [int(place) for place in np.argsort(sums, kind="stable")]
