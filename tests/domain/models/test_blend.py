"""Laws of blending: of rankings by z-scores, and of predicted stars by weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.models.blend import best_blended, blended, by_factors, by_similarity, z_scores
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.star_blend import Predicted, fitted_weights, set_aside

RANDOM = np.random.default_rng(3)
STARS = csr_matrix(np.where(RANDOM.random((12, 20)) < 0.4, RANDOM.integers(1, 11, (12, 20)) / 2, 0.0), dtype=np.float32)
ROWS = np.arange(12)
LEFT, RIGHT = RANDOM.normal(size=(2, 12, 20))


def rated() -> np.ndarray:
    return STARS.toarray() > 0


@given(st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_z_scores_ignore_scale_and_shift(scale: float, shift: float) -> None:
    assert z_scores(LEFT * scale + shift, rated()) == pytest.approx(z_scores(LEFT, rated()), abs=1e-9)


def test_z_scores_are_those_of_the_candidates_alone() -> None:
    scores = z_scores(LEFT, rated())
    for row, own in enumerate(rated()):
        assert scores[row, ~own].mean() == pytest.approx(0.0, abs=1e-12)
        assert scores[row, ~own].std() == pytest.approx(1.0)
    other = np.where(rated(), 1e6, LEFT)
    assert z_scores(other, rated())[~rated()] == pytest.approx(scores[~rated()])


def test_a_user_to_whom_all_movies_are_alike_has_no_taste() -> None:
    assert not z_scores(np.full((12, 20), 0.1), rated()).any()


def test_a_model_with_all_the_weight_is_the_blend() -> None:
    parts = [(lambda rows: LEFT[rows], 1.0), (lambda rows: RIGHT[rows], 0.0)]
    assert np.array_equal(blended(parts, ROWS, rated()), LEFT)
    alone = best_blended(parts[:1], STARS, ROWS, 7)
    assert np.array_equal(best_blended(parts, STARS, ROWS, 7), alone)
    assert not np.array_equal(best_blended([parts[0], (parts[1][0], 1.0)], STARS, ROWS, 7), alone)


def test_lists_hold_the_best_unrated_movies_and_end_with_them() -> None:
    lists = best_blended([(lambda rows: LEFT[rows], 1.0)], STARS, ROWS, 20)
    for own, scores, row in zip(rated(), LEFT, lists, strict=True):
        candidates = np.flatnonzero(~own)
        assert row[: len(candidates)].tolist() == sorted(candidates, key=lambda movie: -scores[movie])
        assert (row[len(candidates) :] == NONE).all()


def test_strangers_and_users_without_ratings_have_no_list() -> None:
    empty = csr_matrix((12, 20), dtype=np.float32)
    assert (best_blended([(lambda rows: LEFT[rows], 1.0)], empty, ROWS, 3) == NONE).all()
    assert (best_blended([(lambda rows: LEFT[rows], 1.0)], STARS, np.array([-1]), 3) == NONE).all()


def test_scorers_are_products() -> None:
    similar = RANDOM.normal(size=(20, 20)).astype(np.float32)
    assert by_similarity(STARS, similar)(ROWS[3:5]) == pytest.approx(STARS.toarray()[3:5] @ similar, rel=1e-5)
    assert by_factors(LEFT, RIGHT[:, :20])(ROWS[3:5]) == pytest.approx(LEFT[3:5] @ RIGHT.T)


def test_predicted_stars_of_a_model_with_weight_one_are_the_blend() -> None:
    predicted = Predicted(LEFT[0], {"als": LEFT[1], "item-knn": LEFT[2]})
    assert predicted.blended({"als": 1.0, "item-knn": 0.0}) == pytest.approx(LEFT[1])
    assert predicted.blended({}) == pytest.approx(LEFT[0])


def test_fitted_weights_find_the_model_that_is_right() -> None:
    base, good, noise = RANDOM.normal(size=(3, 5000))
    weights = fitted_weights(Predicted(base, {"als": base + good / 2, "item-knn": base + noise}), base + good)
    assert weights["als"] == pytest.approx(2.0, abs=0.05)  # what is too timid is heard louder
    assert weights["item-knn"] == pytest.approx(0.0, abs=0.05)


def test_ratings_set_aside_are_parted_from_the_others() -> None:
    users, movies = np.divmod(np.arange(3000, dtype=np.int32), 50)
    kept, aside = set_aside(Triples(users, movies, np.ones(3000, np.float32)), seed=1)
    assert 200 < len(aside.stars) < 400
    keys = np.concatenate([part.users * 50 + part.movies for part in (kept, aside)])
    assert np.array_equal(np.sort(keys), np.arange(3000))


def test_a_matrix_knows_whose_ratings_may_be_learned_from() -> None:
    training = Triples(np.array([7, 7, 9], np.int32), np.array([1, 5, 5], np.int32), np.float32([3, 4, 5]))
    history = Triples(np.array([8, 8], np.int32), np.array([5, 6], np.int32), np.float32([1, 2]))
    matrix = RatingMatrix.of(training, history)
    assert (matrix.users.tolist(), matrix.movies.tolist()) == ([7, 8, 9], [1, 5])
    assert matrix.stars.toarray().tolist() == [[3, 4], [0, 1], [0, 5]]  # nobody else rated movie 6
    assert matrix.learned.tolist() == [True, False, True]
    assert matrix.training.toarray().tolist() == [[3, 4], [0, 5]]
