"""The matrix of the ratings of a split."""

from __future__ import annotations

import numpy as np

from domain.models.rating_matrix import RatingMatrix, Triples


def test_a_matrix_knows_whose_ratings_may_be_learned_from() -> None:
    training = Triples(np.array([7, 7, 9], np.int32), np.array([1, 5, 5], np.int32), np.float32([3, 4, 5]))
    history = Triples(np.array([8, 8], np.int32), np.array([5, 6], np.int32), np.float32([1, 2]))
    matrix = RatingMatrix.of(training, history)
    assert (matrix.users.tolist(), matrix.movies.tolist()) == ([7, 8, 9], [1, 5])
    assert matrix.stars.toarray().tolist() == [[3, 4], [0, 1], [0, 5]]  # nobody else rated movie 6
    assert matrix.learned.tolist() == [True, False, True]
    assert matrix.training.toarray().tolist() == [[3, 4], [0, 5]]


def test_a_matrix_on_given_movies_leaves_out_the_others_and_users_who_rated_only_these() -> None:
    ratings = Triples(np.array([9, 7, 9, 8], np.int32), np.array([5, 4, 1, 6], np.int32), np.float32([4, 3, 5, 2]))
    matrix = RatingMatrix.on(np.array([1, 4, 5], np.int32), ratings)
    assert (matrix.users.tolist(), matrix.movies.tolist()) == ([7, 9], [1, 4, 5])
    assert matrix.stars.toarray().tolist() == [[0, 3, 0], [5, 0, 4]]
    assert matrix.stars.has_sorted_indices
    assert matrix.learned.all()
