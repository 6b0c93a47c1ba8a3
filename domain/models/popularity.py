"""A score of how much everyone likes a movie, fair to movies with few ratings."""

from __future__ import annotations

from typing import Any


def bayesian_mean(sums: Any, counts: Any, prior_mean: float, prior_weight: float) -> Any:
    """Mean rating in stars, drawn to `prior_mean` as if `prior_weight` more ratings had said so.

    (prior_weight · prior_mean + sum of ratings) / (prior_weight + number of ratings): the posterior mean under a normal
    prior, and the «weighted rating» of IMDb's Top 250. A movie without ratings gets `prior_mean`.

    Args:
        sums: sum of the ratings of each movie, in stars; a number, an array or a Spark column, as is the result.
        counts: number of ratings of each movie.
        prior_mean: in stars, such as the mean of all ratings.
        prior_weight: in ratings, above 0.
    """
    return (sums + prior_weight * prior_mean) / (counts + prior_weight)
