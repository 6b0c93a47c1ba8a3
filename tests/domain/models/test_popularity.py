"""The Bayesian mean."""

from __future__ import annotations

import numpy as np

from domain.models.popularity import bayesian_mean


def test_the_prior_counts_as_that_many_ratings() -> None:
    ratings = [5.0, 4.0, 5.0]
    assert bayesian_mean(sum(ratings), len(ratings), 3.5, 2) == np.mean([*ratings, 3.5, 3.5])


def test_one_perfect_rating_is_worth_less_than_many_good_ones() -> None:
    single, many = bayesian_mean(np.array([5.0, 450.0]), np.array([1, 100]), 3.5, 10.0)
    assert single < many


def test_a_movie_without_ratings_gets_the_prior() -> None:
    assert bayesian_mean(0.0, 0, 3.5, 10.0) == 3.5
